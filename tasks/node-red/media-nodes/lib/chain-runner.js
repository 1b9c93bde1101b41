'use strict'

const { EventEmitter } = require('node:events')
const { Backoff } = require('./backoff')
const { compile, isEndless } = require('./compile')
const { weightsAt } = require('./compile-inputs')
const { Fader } = require('./fader')
const { FfmpegProcess } = require('./ffmpeg-process')
const { prepareFiles } = require('./media-files')
const { scrub } = require('./scrub')
const { Statistics } = require('./statistics')

const RAN_WELL_MS = 5000
const WATCH_MS = 1000
const STALLED_MS = 3000
const HUNG_MS = 15_000
const FINISH_FILES_SECONDS = 4
const CUT_LINK_SECONDS = 1.5
const MESSAGE = /\[(fatal|error|warning)\] (.*)$/

/**
 * Keeps one chain on air: one FFmpeg process, watched and started again when it ends or hangs.
 *
 * States: `starting` (FFmpeg runs, no pictures yet), `running` (pictures flow), `waiting` (between two attempts, or the
 * pictures have stopped coming), `stopped` (ended on purpose, or its files are at their end, or the flow is wrong).
 * Events: `change` when the state changed; `trouble` (text) once each time FFmpeg failed.
 */
class ChainRunner extends EventEmitter {
  state = 'stopped'
  restarts = 0
  lastError = null
  startedAt = null
  updatedAt = null
  fader = null
  #chain
  #place
  #clock
  #backoff = new Backoff()
  #statistics
  #process = null
  #retryTimer = null
  #watchTimer = null
  #lastFrameAt = null
  #fadesBegun = false
  #runFirstFrameAt = null
  #message = null

  /**
   * @param {object} chain of `findChains`
   * @param {object} place `ffmpegPath`, `host` (links listen there), `mediaDir`
   * @param {object} clock see clock.js
   */
  constructor (chain, place, clock) {
    super()
    this.#chain = chain
    this.#place = place
    this.#clock = clock
    this.#statistics = new Statistics(clock)
    if (chain.mixer) this.fader = new Fader(chain.mixer.fader, (position) => this.#moveFader(position), clock)
  }

  get chain () {
    return this.#chain
  }

  /** Counts and rates, see Statistics. */
  get figures () {
    return this.#statistics.figures
  }

  /** FFmpeg's process id, null while there is none. */
  get pid () {
    return this.#process?.pid ?? null
  }

  /** Go on air. A chain with faults stays stopped, and says why in `lastError`. */
  start () {
    if (this.#chain.faults.length > 0) {
      this.lastError = this.#chain.faults.map(({ message }) => message).join('; ')
      this.emit('trouble', this.lastError)
      return
    }
    this.startedAt = new Date(this.#clock.now()).toISOString()
    this.#watchTimer = this.#clock.setInterval(() => this.#watch(), WATCH_MS)
    this.#run()
  }

  /** Go off air. Resolves when FFmpeg is gone and its files are finished. */
  async stop () {
    this.#clock.clearInterval(this.#watchTimer)
    this.#clock.clearTimeout(this.#retryTimer)
    this.fader?.stop()
    this.#setState('stopped')
    // A link that waits for a call cannot be interrupted, and has no file to finish.
    await this.#process?.stop(this.#chain.encoders.length > 0 ? FINISH_FILES_SECONDS : CUT_LINK_SECONDS)
  }

  #run () {
    this.#message = null
    this.#runFirstFrameAt = null
    this.#lastFrameAt = this.#clock.now()
    this.#statistics.beginRun()
    this.#setState('starting')
    let ffmpeg
    try {
      const files = prepareFiles(this.#chain, this.#place.mediaDir)
      const args = compile(this.#chain, { ...this.#place, files, fader: this.fader?.position })
      ffmpeg = new FfmpegProcess(this.#place.ffmpegPath, args, this.#clock)
    } catch (error) {
      // A folder that cannot be made, a full process table: as much a failed attempt as an FFmpeg that ends.
      this.#ended({ code: null, signal: null, error })
      return
    }
    this.#process = ffmpeg
    ffmpeg.on('report', (report) => this.#reported(report))
    ffmpeg.on('picture', (bytes) => this.#statistics.addPicture(bytes))
    ffmpeg.on('line', (line) => this.#heard(line))
    ffmpeg.on('exit', (how) => this.#ended(how))
  }

  #reported (report) {
    const before = this.#statistics.framesOfRun
    this.#statistics.addReport(report)
    const now = this.#clock.now()
    this.updatedAt = new Date(now).toISOString()
    if (report.frames <= before || this.state === 'stopped') return
    this.#lastFrameAt = now
    if (this.#runFirstFrameAt === null) this.#firstFrameOfRun(now)
    this.#setState('running')
  }

  #firstFrameOfRun (now) {
    this.#runFirstFrameAt = now
    if (this.fader === null) return
    // Before its first picture FFmpeg may have missed a move.
    this.#moveFader(this.fader.position)
    if (!this.#fadesBegun) this.fader.follow(this.#chain.mixer.fades)
    this.#fadesBegun = true
  }

  /** The first complaint of a run tells the reason; those that follow are its consequences. */
  #heard (line) {
    const [, level, text] = MESSAGE.exec(line) ?? []
    if (level && level !== 'warning') this.#message ??= this.#clean(text)
  }

  #clean (text) {
    return scrub(text, this.#chain.parts.map(({ passphrase }) => passphrase))
  }

  #ended ({ code, signal, error }) {
    this.#process = null
    if (this.state === 'stopped') return
    if (code === 0 && !isEndless(this.#chain)) {
      this.#clock.clearInterval(this.#watchTimer)
      this.fader?.stop()
      this.#setState('stopped')
      return
    }
    if (this.#runFirstFrameAt !== null && this.#lastFrameAt - this.#runFirstFrameAt >= RAN_WELL_MS) this.#backoff.reset()
    const how = error ? this.#clean(error.message) : signal ? `ended by ${signal}` : `ended with exit code ${code}`
    this.lastError = `FFmpeg ${how}${this.#message ? ': ' + this.#message : ''}`
    const seconds = this.#backoff.next()
    this.#retryTimer = this.#clock.setTimeout(() => {
      this.restarts += 1
      this.#run()
    }, seconds * 1000)
    this.#setState('waiting')
    this.emit('trouble', `${this.lastError}; next attempt in ${seconds} s`)
  }

  #watch () {
    const still = this.#clock.now() - this.#lastFrameAt
    if (this.#process === null) return
    if (still >= HUNG_MS) {
      this.#message = `no picture for ${HUNG_MS / 1000} s`
      this.#process.kill()
    } else if (still >= STALLED_MS && this.state === 'running') this.#setState('waiting')
  }

  #moveFader (position) {
    this.#process?.command(`mix@fader -1 weights ${weightsAt(position)}`)
  }

  #setState (state) {
    if (this.state === state) return
    this.state = state
    this.updatedAt = new Date(this.#clock.now()).toISOString()
    this.emit('change')
  }
}

module.exports = { ChainRunner }
