'use strict'

const { spawn } = require('node:child_process')
const { EventEmitter } = require('node:events')
const { LineSplitter } = require('../../lib/line-splitter')
const { hangs } = require('../child-processes')
const { FIRST_RENDITION_PIPE, encoderArguments } = require('./encoder-arguments')
const { RenditionTap } = require('./rendition-tap')

/** So many pictures may wait for the encoder of what is on air; what comes then is left out, with its sound, and counted. */
const MOST_WAITING = 12
/** So many bytes of pictures may wait while FFmpeg starts, which takes a second on a busy machine: it encodes them faster than they came. */
const MOST_WAITING_AT_START_BYTES = 100_000_000
const RESTART_MS = 100
const FINISH_MS = 4000
const MESSAGE = /\[(fatal|error)\] (.*)$/

/**
 * Encodes the programme, in an FFmpeg process of its own, from the first picture to the last; started again only when it dies or hangs.
 *
 * Events: `begin` of a process and of its stream, `data` (bytes of the transport stream), `trouble` (text) once each time it failed.
 */
class ProgrammeEncoder extends EventEmitter {
  restarts = 0
  lastError = null
  droppedFrames = 0
  frames = 0
  bits = 0
  /** Of each rendition that the same process makes, what stands for its encoder. @type {RenditionTap[]} */
  renditions
  #encoder
  #format
  #ffmpegPath
  #time
  #process = null
  #waiting = 0
  #lastOut = 0
  #isIdle = true
  #message = null
  #isStopped = false
  #next = 0
  #waited = null
  #mostWaiting
  #mostWaitingAtStart
  /** What came while FFmpeg started still waits. */
  #isStarting = true
  #hasCoded = false

  /**
   * @param {object} encoder see `encoderArguments`
   * @param {PictureFormat} format
   * @param {string} ffmpegPath
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   * @param {number} [mostWaiting] pictures that may wait
   */
  constructor (encoder, format, ffmpegPath, time, mostWaiting = MOST_WAITING) {
    super()
    this.#mostWaiting = mostWaiting
    this.#mostWaitingAtStart = Math.max(mostWaiting, Math.floor(MOST_WAITING_AT_START_BYTES / format.pictureBytes))
    this.#encoder = encoder
    this.#format = format
    this.#ffmpegPath = ffmpegPath
    this.#time = time
    this.renditions = (encoder.renditions ?? []).map(() => new RenditionTap(this))
  }

  /** FFmpeg's process id; null while there is none. */
  get pid () {
    return this.#process?.pid ?? null
  }

  /**
   * Begin to take pictures. Timestamps follow the production's clock from frame `first` on, also those of a process that takes the place
   * of one that died: who copies sees a gap, and no jump back.
   */
  start (first) {
    this.#next = first
    this.#begin()
  }

  #begin () {
    this.#message = null
    this.#waiting = 0
    this.#isIdle = this.#isStarting = true
    this.#hasCoded = false
    const ffmpeg = spawn(this.#ffmpegPath, encoderArguments(this.#encoder, this.#format, this.#next - (this.#waited ?? 0)), { stdio: Array(FIRST_RENDITION_PIPE + this.renditions.length).fill('pipe') })
    this.#process = ffmpeg
    this.emit('begin')
    ffmpeg.stdout.on('data', (bytes) => this.emit('data', bytes))
    this.renditions.forEach((tap, index) => {
      tap.emit('begin')
      ffmpeg.stdio[FIRST_RENDITION_PIPE + index].on('data', (bytes) => tap.emit('data', bytes)).on('error', () => {})
    })
    this.#readLines(ffmpeg.stdio[4], (line) => this.#encoded(Number(line)))
    this.#readLines(ffmpeg.stderr, (line) => { this.#message ??= MESSAGE.exec(line)?.[2] })
    // The pipes to a process that dies break; its end tells all there is to tell.
    for (const pipe of [ffmpeg.stdin, ffmpeg.stdio[3]]) pipe.on('error', () => {})
    ffmpeg.on('error', (error) => { this.#message ??= error.message })
    ffmpeg.on('close', (code, signal) => this.#ended(ffmpeg, code, signal))
  }

  /**
   * The picture and the sound of one frame.
   *
   * @param {Picture} picture which is held until it is written
   * @param {Float32Array} samples which may be overwritten after the call
   * @param {number} number of the frame on the production's clock
   */
  write (picture, samples, number) {
    // The first process began before there was anything to encode: its timestamps lag by that.
    this.#waited ??= number - this.#next
    this.#next = number + 1
    const ffmpeg = this.#process
    if (this.#hasCoded && this.#waiting < this.#mostWaiting) this.#isStarting = false
    if (!ffmpeg || !ffmpeg.stdin.writable || this.#waiting >= (this.#isStarting ? this.#mostWaitingAtStart : this.#mostWaiting)) {
      this.droppedFrames += 1
      this.#endIfHanging(ffmpeg)
      return
    }
    // It is held against the clock from its first picture on.
    if (this.#isIdle) this.#lastOut = this.#time.now()
    this.#isIdle = false
    this.#waiting += 1
    picture.hold()
    ffmpeg.stdin.write(picture.bytes, () => {
      picture.release()
      if (this.#process === ffmpeg) this.#waiting -= 1
    })
    ffmpeg.stdio[3].write(Buffer.from(new Uint8Array(samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.byteLength))))
    this.#endIfHanging(ffmpeg)
  }

  /** What it gives is of no use: another takes its place. */
  giveUp (message) {
    this.#message ??= message
    this.#process?.kill('SIGKILL')
  }

  /** Encode what has come, and end. Resolves when FFmpeg is gone. */
  async stop () {
    this.#isStopped = true
    const ffmpeg = this.#process
    if (!ffmpeg) return
    const gone = new Promise((resolve) => ffmpeg.once('close', resolve))
    ffmpeg.stdin.end()
    ffmpeg.stdio[3].end()
    const timer = this.#time.setTimeout(() => ffmpeg.kill('SIGKILL'), FINISH_MS)
    await gone
    this.#time.clearTimeout(timer)
  }

  #encoded (bytes) {
    this.#hasCoded = true
    this.frames += 1
    this.bits += bytes * 8
    this.#lastOut = this.#time.now()
  }

  #endIfHanging (ffmpeg) {
    const still = this.#time.now() - this.#lastOut
    if (!ffmpeg || !hangs(ffmpeg.pid, still)) return
    this.giveUp(`no coded picture for ${Math.round(still / 1000)} s`)
  }

  #ended (ffmpeg, code, signal) {
    if (this.#process !== ffmpeg) return
    this.#process = null
    if (this.#isStopped) return
    this.droppedFrames += this.#waiting // written, and never encoded
    const how = signal ? `ended by ${signal}` : `ended with exit code ${code}`
    this.lastError = this.#message ? `${this.#message} (FFmpeg ${how})` : `FFmpeg ${how}`
    this.restarts += 1
    this.emit('trouble', this.lastError)
    this.#time.setTimeout(() => { if (!this.#isStopped) this.#begin() }, RESTART_MS)
  }

  #readLines (stream, each) {
    const lines = new LineSplitter()
    stream.setEncoding('utf8').on('data', (chunk) => { for (const line of lines.feed(chunk)) each(line) })
    stream.on('error', () => {})
  }
}

module.exports = { ProgrammeEncoder }
