'use strict'

const { spawn } = require('node:child_process')
const { EventEmitter } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { LineSplitter } = require('../../lib/line-splitter')
const { ingestArguments, isLive } = require('./ingest-arguments')
const { NutReader } = require('./nut-reader')
const { StreamInfo } = require('./stream-info')

const READ_BYTES = 1 << 20
const CONNECT_MS = 20
const WATCH_MS = 250
/** Pictures that come no more for so long come from a process that hangs, or a sender that is gone. */
const STALLED_MS = 1000
/** A sender that comes back is to be seen within two seconds. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 800]
const MESSAGE = /\[(fatal|error)\] (.*)$/

/**
 * Receives, decodes and conforms one source, in an FFmpeg process of its own, and gives what comes to its synchroniser. Started again
 * when it ends or hangs; nothing of it reaches another source.
 *
 * States: `starting` (no picture yet), `arriving`, `waiting` (between two attempts), `ended` (at its end), `stopped`.
 * Events: `change` when the state changed, `trouble` (text) once each time an attempt failed.
 */
class Ingest extends EventEmitter {
  state = 'stopped'
  restarts = 0
  lastError = null
  video = null
  audio = null
  #source
  #place
  #synchroniser
  #pool
  #time
  #process = null
  #socket = null
  #incoming = null
  #lastByteAt = 0
  #pauseMs = FIRST_PAUSE_MS
  #timers = new Set()
  #message = null
  #isReading = true

  /**
   * @param {object} source of the definition
   * @param {object} place `ffmpegPath`, `format`, `font`, `folder` (for the socket)
   * @param {object} to `synchroniser`, `pool` (of pictures of the production's format)
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   */
  constructor (source, place, { synchroniser, pool }, time) {
    super()
    this.#source = source
    this.#place = { ...place, socket: path.join(place.folder, `source-${source.number}.sock`) }
    this.#synchroniser = synchroniser
    this.#pool = pool
    this.#time = time
  }

  /** FFmpeg's process id; null while there is none. */
  get pid () {
    return this.#process?.pid ?? null
  }

  /** Begin to receive. */
  start () {
    this.#setState('starting')
    this.#run()
  }

  /** Receive no more. Resolves when FFmpeg is gone. */
  async stop () {
    this.#setState('stopped')
    for (const timer of this.#timers) this.#time.clearTimeout(timer)
    this.#timers.clear()
    await this.#end()
  }

  /** Once a tick: read on, if what came before was too much to keep. */
  tick () {
    if (this.#isReading || this.#synchroniser.isFull) return
    this.#isReading = true
    this.#lastByteAt = this.#time.now()
    this.#socket?.resume()
  }

  #run () {
    this.#message = null
    this.#isReading = true
    this.#incoming?.release()
    this.#incoming = null
    this.#synchroniser.clear()
    fs.rmSync(this.#place.socket, { force: true })
    const args = ingestArguments(this.#source, this.#place, { video: this.video, audio: this.audio })
    const ffmpeg = spawn(this.#place.ffmpegPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = ffmpeg
    const [lines, streams] = [new LineSplitter(), new StreamInfo()]
    ffmpeg.stderr.setEncoding('utf8').on('data', (chunk) => { for (const line of lines.feed(chunk)) this.#heard(line, streams, ffmpeg) })
    ffmpeg.on('error', (error) => { this.#message ??= error.message })
    ffmpeg.on('close', (code, signal) => this.#ended(ffmpeg, code, signal))
    this.#connect(ffmpeg)
    this.#after(WATCH_MS, () => this.#watch(ffmpeg))
  }

  /** FFmpeg listens once its input is open, which of a live source may take as long as it likes. */
  #connect (ffmpeg) {
    if (this.#process !== ffmpeg) return
    const reader = new NutReader({
      onStreams: () => {},
      take: (stream, size) => this.#take(stream, size),
      onFrame: (stream, pts, memory) => this.#arrived(stream, pts, memory)
    })
    const again = () => this.#after(CONNECT_MS, () => this.#connect(ffmpeg))
    if (!fs.existsSync(this.#place.socket)) return again()
    const socket = net.connect({
      path: this.#place.socket,
      onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: (count, buffer) => this.#read(reader, buffer.subarray(0, count)) }
    })
    socket.on('error', () => { if (socket.bytesRead === 0) again() })
    this.#socket = socket
  }

  #read (reader, bytes) {
    this.#lastByteAt = this.#time.now()
    try {
      reader.feed(bytes)
    } catch (error) {
      this.#message ??= error.message
      this.#process?.kill('SIGKILL')
      return false
    }
    this.#isReading = !this.#synchroniser.isFull
    return this.#isReading
  }

  #take ({ kind }, size) {
    if (kind !== 'picture') return new Uint8Array(size)
    if (size !== this.#pool.pictureBytes) throw new Error(`a picture of ${size} bytes came, not of ${this.#pool.pictureBytes}`)
    this.#incoming = this.#pool.take()
    return this.#incoming.bytes
  }

  #arrived ({ kind, timeBase }, pts, memory) {
    const seconds = pts * timeBase.numerator / timeBase.denominator
    if (kind !== 'picture') {
      this.#synchroniser.addSound(new Float32Array(memory.buffer), seconds)
      return
    }
    this.#synchroniser.addPicture(this.#incoming, seconds)
    this.#incoming = null
    this.#pauseMs = FIRST_PAUSE_MS
    this.#setState('arriving')
  }

  #heard (line, streams, ffmpeg) {
    const stream = streams.read(line)
    if (stream) this.#learn(stream, ffmpeg)
    const [, , text] = MESSAGE.exec(line) ?? []
    if (text) this.#message ??= text
  }

  /** What FFmpeg says of its input may ask for other filters than those it was started with. */
  #learn (found, ffmpeg) {
    const before = this.#filtersNow()
    Object.assign(this, found)
    if (this.#filtersNow() === before || this.#process !== ffmpeg) return
    this.#process = null
    ffmpeg.removeAllListeners('close')
    ffmpeg.on('close', () => { if (this.state !== 'stopped') this.#run() })
    ffmpeg.kill('SIGKILL')
  }

  #filtersNow () {
    return ingestArguments(this.#source, this.#place, { video: this.video, audio: this.audio }).join('\0')
  }

  #watch (ffmpeg) {
    if (this.#process !== ffmpeg) return
    const isStill = this.state === 'arriving' && this.#isReading && this.#time.now() - this.#lastByteAt >= STALLED_MS
    if (isStill) {
      this.#message = `no picture for ${STALLED_MS / 1000} s`
      ffmpeg.kill('SIGKILL')
    } else this.#after(WATCH_MS, () => this.#watch(ffmpeg))
  }

  #ended (ffmpeg, code, signal) {
    if (this.#process !== ffmpeg) return
    this.#process = null
    if (this.state === 'stopped') return
    if (code === 0 && !isLive(this.#source)) {
      this.#finish()
      return
    }
    this.#socket?.destroy()
    const how = signal ? `ended by ${signal}` : `ended with exit code ${code}`
    this.lastError = this.#message ? `${this.#message} (FFmpeg ${how})` : `FFmpeg ${how}`
    this.restarts += 1
    this.#setState('waiting')
    this.emit('trouble', this.lastError)
    this.#after(this.#pauseMs, () => {
      this.#setState('starting')
      this.#run()
    })
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  /** It has come to its end; what it sent before is still read. */
  #finish () {
    if (!this.#socket || this.#socket.destroyed) this.#setState('ended')
    else this.#socket.on('close', () => { if (this.state !== 'stopped') this.#setState('ended') })
  }

  async #end () {
    const ffmpeg = this.#process
    this.#process = null
    this.#socket?.destroy()
    this.#incoming?.release()
    this.#incoming = null
    if (ffmpeg && ffmpeg.exitCode === null && ffmpeg.signalCode === null && ffmpeg.pid) {
      const gone = new Promise((resolve) => ffmpeg.once('close', resolve))
      ffmpeg.kill('SIGKILL')
      await gone
    }
    fs.rmSync(this.#place.socket, { force: true })
  }

  #after (ms, action) {
    const timer = this.#time.setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, ms)
    this.#timers.add(timer)
  }

  #setState (state) {
    if (this.state === state) return
    this.state = state
    this.emit('change')
  }
}

module.exports = { Ingest }
