'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { FrameRate } = require('../../clock/frame-rate')
const { FIRST_TIMESTAMP_SECONDS } = require('../encoder-arguments')
const { fragmentArguments } = require('../packaging/fragment-arguments')
const { LocalFile } = require('./local-file')
const { Manifest } = require('./manifest')
const { Recorder } = require('./recorder')
const { jsonPutter, placeOf, s3Client } = require('../storage/s3-client')
const { RESERVED_SECONDS, RING_SECONDS } = require('../storage/waiting')
const { S3Recording } = require('./s3-recording')

/** Where on the machine a recording waits for S3. */
const SPOOL = 'spool'
/** Where the stream begins, as the muxer's log has it. */
const START = /^\[info\] +Duration: .*\bstart: (-?[\d.]+)/
const INFO = /^\[info\]/
/** Fragments (s) are shorter than the groups of pictures may be: one of them is lost with the process. */
const FRAGMENT_SECONDS = 1

/**
 * A recording: one file a run, in a folder or in S3, with a manifest beside it. What a run before it has not finished is finished beside.
 */
class Recording {
  #definition
  #manifest
  #entry
  #recorder
  #store
  #s3
  #earlier
  #beganAt = Infinity

  /**
   * @param {object} definition `folder` (of the machine's media), `fileName`, `location` (s3://bucket/key of the first file; none: the folder),
   *   `codec`, `bitRate` (of pictures and sound, bit/s), `production`, `source` (whose it is; none: the programme's), `format`, `ffmpegPath`
   * @param {object} environment see `s3Client`
   * @param {object} time `setTimeout`
   */
  constructor (definition, environment, time) {
    const { folder, location, production, source, format } = this.#definition = definition
    const fileName = location ? path.posix.basename(location) : definition.fileName
    // What goes to S3 leaves nothing in the folder of what is on the machine.
    const kept = location ? path.join(folder, SPOOL) : folder
    fs.mkdirSync(kept, { recursive: true })
    this.#s3 = location ? s3Client(environment) : null
    const put = location ? jsonPutter(this.#s3, placeOf(this.#placeNamed(Manifest.nameFor(fileName)))) : undefined
    this.#manifest = new Manifest(kept, fileName, { production, ...(source && { source }), format }, put)
    this.#earlier = this.#manifest.files.filter(({ state }) => state === 'recording').map((entry) => ({ entry, store: this.#storeOf(entry, time) }))
    this.#entry = this.#manifest.begin(freeName(fileName, (name) => this.#isTaken(name)), isoOf(Date.now()))
    this.#store = this.#storeOf(this.#entry, time)
    const frameSeconds = new FrameRate(format.frameRate).msUpTo(1) / 1000
    this.#recorder = new Recorder(
      this.#store, frameSeconds, (atSeconds, seconds) => this.#manifest.gap(this.#entry.name, atSeconds, seconds), () => this.#kept())
  }

  get ffmpegPath () {
    return this.#definition.ffmpegPath
  }

  /** FFmpeg's, which makes fragments of the programme. */
  get muxerArguments () {
    return fragmentArguments({ codec: this.#definition.codec, longestSeconds: FRAGMENT_SECONDS, tellsStart: true })
  }

  /** A line of the muxer's log. @returns {boolean} false for one that is for whoever started this */
  read (line) {
    const [, start] = START.exec(line) ?? []
    if (start) this.#entry.clockSeconds ??= Number((Number(start) - FIRST_TIMESTAMP_SECONDS).toFixed(6))
    return INFO.test(line)
  }

  /** Go on with what is unfinished, and begin. */
  async open () {
    for (const { entry, store } of this.#earlier) {
      if (!this.#s3) this.#settle(entry)
      else {
        await store.open()
        store.finish().then((object) => this.#settleObject(entry, object), () => { entry.state = 'lost' })
      }
    }
    if (this.#s3) await this.#store.open()
    await this.#manifest.write().catch(() => {}) // the upload says what is wrong
  }

  /** Rejects when what was begun cannot be gone on with. */
  get lost () {
    return this.#s3 ? this.#store.ended : new Promise(() => {})
  }

  /** Take what the muxer writes, to its end. */
  async take (stream) {
    for await (const bytes of stream) await this.#recorder.feed(bytes)
    await this.#recorder.flush()
  }

  /** All that was taken is where it goes. */
  async finish () {
    if (this.#s3) {
      await Promise.allSettled(this.#earlier.map(({ store }) => store.ended))
      await this.#settleObject(this.#entry, await this.#store.finish())
    } else {
      await this.#store.close()
      await this.#settle(this.#entry)
    }
  }

  /** How it goes: `state` (sending, full, behind), `lastError`, `location`, `bytes`, `frames`, `seconds`, `waitingBytes`, `sentBytes`, `behindSeconds`. */
  get figures () {
    const { bytes, frames, seconds, trouble: noRoom } = this.#recorder
    const { waitingBytes = 0, sentBytes = bytes, safeSeconds = seconds, trouble: behind = null } = this.#store.figures ?? {}
    const state = noRoom ? 'full' : behind ? 'behind' : 'sending'
    return { state, lastError: noRoom ?? behind, location: this.#placeNamed(this.#entry.name), bytes, frames, seconds, waitingBytes, sentBytes, behindSeconds: Math.max(0, seconds - safeSeconds) }
  }

  #storeOf (entry, time) {
    const { folder, bitRate } = this.#definition
    const reserveBytes = bitRate * RESERVED_SECONDS / 8
    if (!this.#s3) return new LocalFile(path.join(folder, entry.name), reserveBytes)
    return new S3Recording(path.join(folder, SPOOL, entry.name), placeOf(this.#placeNamed(entry.name)), {
      ringBytes: bitRate * RING_SECONDS / 8,
      reserveBytes,
      s3: this.#s3,
      time,
      bitRate,
      onBegin: (uploadId) => this.#write(entry, { uploadId }),
      onPart: (piece) => this.#write(entry, countsOf(piece))
    })
  }

  /** Beside the recording's first file. */
  #placeNamed (name) {
    const { location, folder } = this.#definition
    return location ? location.slice(0, location.lastIndexOf('/') + 1) + name : path.join(folder, name)
  }

  #isTaken (name) {
    return this.#manifest.files.some((file) => file.name === name) || (!this.#s3 && fs.existsSync(this.#placeNamed(name)))
  }

  #kept () {
    const { bytes, frames, seconds, crc32 } = this.#recorder
    const now = Date.now()
    // What the muxer looked at before it began came late: the later pieces tell better.
    this.#beganAt = Math.min(this.#beganAt, now - seconds * 1000)
    // What S3 has is told part by part.
    Object.assign(this.#entry, { startedAt: isoOf(this.#beganAt), endedAt: isoOf(now) }, this.#s3 ? null : { bytes, frames, seconds, crc32 })
    this.#manifest.keep()
  }

  #write (entry, facts) {
    Object.assign(entry, facts)
    return this.#manifest.write()
  }

  #settleObject (entry, object) {
    delete entry.uploadId
    if (object === null) return this.#settle(entry)
    const { etag, bytes, parts, last } = object
    Object.assign(entry, { etag, parts, bytes, ...(last && countsOf(last)) })
    return this.#settle(entry)
  }

  #settle (entry) {
    return this.#write(entry, { state: 'complete' }).catch(() => {}) // the file itself is there
  }
}

const isoOf = (ms) => new Date(ms).toISOString()

/** What is in a file up to the end of a piece. */
function countsOf ({ offset, bytes, frames, milliseconds, crc32 }) {
  return { bytes: offset + bytes, frames, seconds: milliseconds / 1000, crc32 }
}

/** The name itself, or name-2, name-3, … when there is one of that name already. */
function freeName (name, isTaken) {
  const { name: stem, ext } = path.parse(name)
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${stem}-${number}${ext}`
    if (!isTaken(candidate)) return candidate
  }
}

module.exports = { Recording }
