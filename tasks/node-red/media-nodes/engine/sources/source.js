'use strict'

const { EventEmitter } = require('node:events')
const { LinkGate } = require('../link/link-gate')
const { LinkLatency } = require('../link/link-latency')
const { FrameSynchroniser } = require('./frame-synchroniser')
const { Ingest } = require('./ingest/ingest')
const { isLive } = require('./ingest/ingest-arguments')
const { SignalWatch } = require('./signal-watch')
const { makeSlate } = require('./slate')
const { BLACK, LIVE, SLATE, SourceState } = require('./source-state')

const HOLD_MS = 2000

/** One source of a chain: what comes of it, and at each tick exactly one picture and its sound, whatever that is. */
class Source extends EventEmitter {
  #ingest
  #synchroniser
  #state
  #black
  #slate = null
  #drawn = null
  #picture = null
  #definition
  #place
  #absentFrames = 0
  #gainDb = 0
  #isMuted = false
  #watch
  #wrong = null
  #latency = null
  #gate = null

  /**
   * @param {object} definition `name`, `kind` and what the kind needs; `onLoss` ({holdMs, detect: of `frozen`, `black`, `silence`,
   *   failoverTo: the number of another})
   * @param {object} place `ffmpegPath`, `folder`, `font`, `format`, `pool`, `mediaServer`, `rtmpServer`, `ownSlate` (its `picture`, when there is one, is
   *   shown in place of the standard slate)
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   */
  constructor (definition, place, time) {
    super()
    const { format, pool } = place
    this.#definition = definition
    this.#place = place
    this.#synchroniser = new FrameSynchroniser(format.rate, { isLive: isLive(definition) })
    this.#state = new SourceState(format.rate, { holdMs: HOLD_MS, ...definition.onLoss })
    this.#watch = new SignalWatch(definition.onLoss?.detect ?? [], format)
    this.#ingest = new Ingest(definition, place, { synchroniser: this.#synchroniser, pool }, time)
    if (definition.controlPort) {
      this.#latency = new LinkLatency(time)
      this.#gate = new LinkGate(format.rate)
    }
    this.#ingest.on('change', () => {
      if (this.#ingest.state !== 'arriving') this.#gate?.close()
      this.emit('change')
    })
    this.#ingest.on('trouble', (text) => this.emit('trouble', text))
    this.#black = pool.take()
    format.fill(this.#black.bytes)
  }

  /** Begin to receive; its slate is drawn meanwhile. */
  start () {
    this.#ingest.start()
    this.#drawn = makeSlate(this.#definition, this.#place).then((slate) => { this.#slate = slate }, (error) => this.emit('trouble', error.message))
  }

  /** Receive no more, and keep no picture. It is not ticked any more. */
  async stop () {
    await Promise.all([this.#ingest.stop(), this.#drawn])
    this.#synchroniser.close()
    this.#gate?.end()
    for (const picture of [this.#black, this.#slate]) picture?.release()
    this.#black = this.#slate = this.#picture = null
  }

  /** One tick: `samples` (left and right by turns) are filled with its sound. */
  tick (samples) {
    const given = this.#synchroniser.tick(samples)
    const { picture, isFresh } = this.#gate?.pass(given, samples) ?? given
    if (isFresh) this.#latency?.shown(samples, this.#ingest.farClock)
    const before = this.#state.state
    const wasWrong = this.#wrong !== null
    if (isFresh) this.#wrong = this.#watch.look(picture.words, samples)
    if (this.#wrong !== null || wasWrong) fade(samples, wasWrong ? 0 : 1, this.#wrong === null ? 1 : 0)
    const state = this.#state.tick(isFresh && this.#wrong === null)
    if (state === SLATE) this.#picture = this.#place.ownSlate?.picture ?? this.#slate ?? this.#black
    else this.#picture = state === BLACK ? this.#black : picture
    if (state !== LIVE) this.#absentFrames += 1
    this.#ingest.tick()
    if (before !== state) this.emit('change')
  }

  /** The picture of the tick; it stays the source's. */
  get picture () {
    return this.#picture
  }

  /** The number of the source that is seen and heard while this one is gone; undefined without one. */
  get failoverTo () {
    return this.#definition.onLoss?.failoverTo
  }

  /** Whether its own pictures are shown. */
  get isLive () {
    return this.#state.state === LIVE
  }

  get name () {
    return this.#definition.name
  }

  /** Factor of its sound; 0 when it is muted. */
  get gain () {
    return this.#isMuted ? 0 : 10 ** (this.#gainDb / 20)
  }

  /** What an operator has set: `gainDb` of its sound, `isMuted`. */
  get desk () {
    return { gainDb: this.#gainDb, isMuted: this.#isMuted }
  }

  setGain (decibels) {
    this.#gainDb = decibels
  }

  mute (isMuted) {
    this.#isMuted = isMuted
  }

  get figures () {
    const { state, pid, restarts, lastError, reason, notice, received } = this.#ingest
    return {
      state: this.#state.state,
      ingest: state,
      wrong: this.#wrong,
      pid,
      restarts,
      lastError,
      reason,
      notice,
      received,
      ...this.#latency?.figures,
      repeatedFrames: this.#synchroniser.repeated,
      skippedFrames: this.#synchroniser.skipped,
      absentFrames: this.#absentFrames
    }
  }
}

/** Bring samples from one factor evenly to another. */
function fade (samples, from, to) {
  for (let index = 0; index < samples.length; index++) samples[index] *= from + (to - from) * index / samples.length
}

module.exports = { Source }
