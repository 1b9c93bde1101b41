'use strict'

const { createHash } = require('node:crypto')
const { EventEmitter } = require('node:events')
const path = require('node:path')
const { hangs } = require('../../child-processes')
const { makeFeed } = require('../feeds')
const { ingestArguments, isLive } = require('./ingest-arguments')
const { IngestLog } = require('./ingest-log')
const { IngestProcess } = require('./ingest-process')
const { LookBack } = require('./look-back')
const { PictureIntake } = require('./picture-intake')
const { faultOf } = require('../source-faults')
const { SourceTrouble } = require('./source-trouble')
const { Timers } = require('./timers')

const WATCH_MS = 100
/** A live playlist is asked for again after a segment's time, and meanwhile there is nothing to read. */
const STALLED_LIST_MS = 8000
/** The first picture takes no longer, or something is wrong: key pictures are at most ten seconds apart. */
const FIRST_PICTURE_MS = 12_000
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [200, 2000]
/** A sender is there: what decodes it begins again at once, the first time. */
const FIRST_PAUSE_OF_FEED_MS = 20
/** Pictures came out so lately: FFmpeg is slow, and does not hang. */
const DECODING_MS = 500
const ONE_PICTURE = 'it has one picture only: it is shown as long as a lost source is held'
const MID_STREAM = 'its pictures changed in mid-stream: pixel aspect, field order and colours are taken to be those of its beginning'

/**
 * Receives, decodes and conforms one source, in an FFmpeg process of its own, and gives what comes to its synchroniser. Started again
 * when it ends or hangs, a file where it was; nothing of it reaches another source.
 *
 * States: `starting` (no picture yet), `arriving`, `waiting` (between two attempts, or for a sender), `ended` (at its end), `stopped`.
 * Events: `change` when the state changed, `trouble` (text) when an attempt failed for another reason than the one before.
 */
class Ingest extends EventEmitter {
  state = 'stopped'
  restarts = 0
  #source
  #place
  #feed
  #address = null
  #synchroniser
  #time
  #timers
  #log
  #intake
  #trouble
  #lookBack = new LookBack()
  #process = null
  /** Resolves when every process that was ended is gone. */
  #ending = null
  #lastByteAt = 0
  #startedAt = 0
  /** Where a file goes on, s. */
  #from = 0
  #canSeek = false
  #pauseMs
  #isReading = true

  /**
   * @param {object} source of the definition
   * @param {object} place `ffmpegPath`, `format`, `font`, `folder` (for the socket and a description), `mediaServer` (for `url` and `s3`), `rtmpServer`
   * @param {object} to `synchroniser`, `pool` (of pictures of the production's format)
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   */
  constructor (source, place, { synchroniser, pool }, time) {
    super()
    this.#source = source
    // A name may hold what no path may, and a socket's path is at most 107 bytes long.
    const file = createHash('sha256').update(source.name).digest('hex').slice(0, 12)
    this.#place = { ...place, socket: path.join(place.folder, `${file}.sock`), description: path.join(place.folder, `${file}.sdp`) }
    this.#synchroniser = synchroniser
    this.#time = time
    this.#timers = new Timers(time)
    this.#intake = new PictureIntake(synchroniser, pool)
    this.#trouble = new SourceTrouble(source)
    this.#feed = makeFeed(source, this.#place, time)
    this.#log = new IngestLog({ track: source.soundTrack ?? 0, keepsFirst: this.#feed === null }, place.format)
    this.#pauseMs = this.#firstPauseMs
    this.#feed?.on('begin', () => {
      this.#lookBack.forget()
      this.#begin()
    })
    this.#feed?.on('bytes', (bytes) => this.#feedOn(bytes))
    this.#feed?.on('gone', (text) => this.#senderGone(text))
    this.#feed?.on('trouble', (text, reason) => this.#tell(text, reason))
  }

  /** FFmpeg's process id; null while there is none. */
  get pid () {
    return this.#process?.pid ?? null
  }

  /** What went wrong last, in words. */
  get lastError () {
    return this.#trouble.lastError
  }

  /** Its name; null once the source plays. */
  get reason () {
    return this.#trouble.reason
  }

  /** What of the source is not as asked for, though it plays; null when all is well. */
  get notice () {
    return this.#trouble.notice
  }

  /** Figures of what receives a live source; null for any other. */
  get received () {
    return this.#feed?.figures ?? null
  }

  /** The clock of a link's far end, see FarClock; null of any other source, and while it is not known. */
  get farClock () {
    return this.#feed?.farClock ?? null
  }

  get #firstPauseMs () {
    return this.#feed ? FIRST_PAUSE_OF_FEED_MS : FIRST_PAUSE_MS
  }

  /** Begin to receive. */
  start () {
    if (this.#feed) {
      this.#setState('waiting')
      this.#feed.start()
      return
    }
    const { mediaServer } = this.#place
    if (mediaServer?.serves(this.#source)) {
      this.#address ??= mediaServer.add(this.#source, (fault) => this.#trouble.note(fault.message))
      this.#trouble.hide(this.#address)
    }
    this.#begin()
  }

  /** Receive no more. Resolves when FFmpeg is gone. */
  async stop () {
    this.#setState('stopped')
    this.#timers.clear()
    const ended = this.#endProcess()
    if (this.#address) this.#place.mediaServer.remove(this.#address)
    this.#address = null
    await Promise.all([ended, this.#feed?.stop()])
  }

  /** Once a tick: read on, if what came before was too much to keep. */
  tick () {
    if (this.#isReading || this.#synchroniser.isFull) return
    this.#isReading = true
    this.#lastByteAt = this.#time.now()
    this.#process?.resume()
  }

  #begin () {
    this.#timers.clear()
    this.#setState('starting')
    this.#run()
  }

  async #run () {
    await this.#endProcess()
    if (this.state !== 'starting' || this.#process) return
    this.#isReading = true
    this.#log.begin()
    this.#intake.begin()
    this.#startedAt = this.#lastByteAt = this.#time.now()
    const run = {
      ffmpegPath: this.#place.ffmpegPath, args: this.#arguments(), socketPath: this.#place.socket, hasFeed: this.#feed !== null,
      relay: this.#feed?.relayTo?.(this.#place.description) ?? null
    }
    const running = this.#process = new IngestProcess(run, {
      line: (line) => this.#heard(line),
      take: (stream, size) => this.#intake.take(stream, size),
      frame: (stream, pts, memory) => this.#arrived(stream, pts, memory),
      read: () => this.#read(),
      error: (text) => this.#log.note(text),
      end: (code, signal) => this.#ended(code, signal)
    }, this.#time)
    if (this.#feed && this.#lookBack.buffers.length === 0) this.#lookBack.keep(this.#feed.sinceEntry())
    for (const bytes of this.#lookBack.buffers) running.write(bytes)
    this.#timers.after(WATCH_MS, () => this.#watch(running))
  }

  #feedOn (bytes) {
    if (this.state === 'starting') this.#lookBack.keep([bytes])
    if (!this.#process || this.#process.write(bytes)) return
    const isDecoding = this.#time.now() - this.#lastByteAt < DECODING_MS
    this.#fail(isDecoding ? 'More comes than is decoded' : 'No picture came out while bytes went in: FFmpeg hangs')
  }

  #senderGone (text) {
    this.#timers.clear()
    this.#endProcess()
    if (this.state === 'stopped') return
    this.restarts += 1
    this.#pauseMs = this.#firstPauseMs
    this.#setState('waiting')
    this.#tell(`SenderGone: ${text}`, 'SenderGone')
  }

  #read () {
    this.#lastByteAt = this.#time.now()
    this.#isReading = !this.#synchroniser.isFull
    return this.#isReading
  }

  #arrived (stream, pts, memory) {
    if (!this.#intake.arrived(stream, pts, memory) || this.state === 'arriving') return
    this.#pauseMs = this.#firstPauseMs
    this.#trouble.reason = null
    this.#lookBack.forget()
    this.#setState('arriving')
  }

  #heard (line) {
    const news = this.#log.read(line)
    if (news === 'told') this.#learned()
    else if (news === 'changed') this.#changed()
  }

  /** What FFmpeg says of its input may ask for other filters than those it was started with. */
  #learned () {
    const { hasPictures, duration } = this.#log.streams
    if (this.#source.kind !== 'pattern' && !hasPictures) return this.#fail('No picture in it')
    this.#canSeek = duration !== null && !isLive(this.#source)
    this.#trouble.note(this.#log.notice)
    if (this.#arguments().join('\0') === this.#process?.arguments) this.#process.open()
    else this.#begin()
  }

  /** FFmpeg goes on with the pixel aspect and the filters of the beginning. A sender can be read anew, a file would begin again. */
  #changed () {
    if (this.#feed) this.#begin()
    else this.#trouble.note(MID_STREAM)
  }

  #arguments () {
    return ingestArguments(this.#source, { ...this.#place, address: this.#address }, { video: this.#log.video, audio: this.#log.audio, from: this.#from })
  }

  #watch (running) {
    if (this.#process !== running) return
    const now = this.#time.now()
    const still = now - this.#lastByteAt
    const isStalled = hangs(running.pid, still, this.#address && !this.#canSeek ? STALLED_LIST_MS : undefined)
    if (this.state === 'arriving' && this.#isReading && this.#isFed && isStalled) {
      this.#fail(`No picture for ${Math.round(still / 100) / 10} s`)
    } else if (this.state === 'starting' && now - this.#startedAt >= FIRST_PICTURE_MS) {
      this.#fail(`No picture within ${FIRST_PICTURE_MS / 1000} s`)
    } else this.#timers.after(WATCH_MS, () => this.#watch(running))
  }

  /** Whether FFmpeg has something to read, so that it is to blame when nothing comes. */
  get #isFed () {
    if (this.#feed) return this.#feed.isArriving
    return this.#address === null || !this.#place.mediaServer.isWaiting(this.#address)
  }

  /** Give this run up, for a reason that FFmpeg does not know. */
  #fail (text) {
    this.#log.messages.unshift(text)
    this.#endProcess()
    this.#again('was ended')
  }

  #ended (code, signal) {
    this.#process = null
    // FFmpeg takes what breaks off for the end.
    const brokeOff = this.#address !== null && this.#place.mediaServer.brokeOff(this.#address)
    if (code === 0 && !isLive(this.#source) && !brokeOff) this.#atEnd()
    else this.#again(signal ? `ended by ${signal}` : `ended with exit code ${code}`)
  }

  #atEnd () {
    if (this.#intake.count === 0) return this.#again('gave no picture')
    if (this.#intake.count === 1) this.#trouble.note(ONE_PICTURE)
    this.#intake.finish(1 / this.#place.format.rate.value)
    this.#setState('ended')
  }

  #again (how) {
    this.#intake.drop()
    this.#lookBack.forget()
    this.#from = this.#intake.count > 0 && this.#canSeek && !this.#source.looped ? this.#from + this.#intake.seconds : 0
    const served = this.#address && this.#place.mediaServer.faultOf(this.#address)
    const { text, reason } = served ?? faultOf(this.#log.messages, how)
    this.restarts += 1
    this.#setState('waiting')
    this.#tell(text, reason)
    this.#timers.after(this.#pauseMs, () => this.#begin())
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  #tell (text, reason) {
    const told = this.#trouble.tell(text, reason)
    if (told) this.emit('trouble', told)
  }

  async #endProcess () {
    const running = this.#process
    this.#process = null
    this.#intake.drop()
    this.#ending = Promise.all([this.#ending, running?.kill()])
    await this.#ending
  }

  #setState (state) {
    if (this.state === state) return
    this.state = state
    this.emit('change')
  }
}

module.exports = { Ingest }
