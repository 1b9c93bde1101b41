'use strict'

const { EventEmitter } = require('node:events')
const { FrameRate } = require('../engine/clock/frame-rate')
const { defineChain } = require('./chain-definition')
const { EngineRefused } = require('./engines')
const { Statistics } = require('./metrics/statistics')

/** How often an engine is asked how it goes, and while its first picture is expected. */
const [POLL_MS, STARTING_POLL_MS] = [500, 100]
/** Pictures that come no more for so long have stopped. */
const STILL_MS = 1500

/**
 * One chain and the engine that makes it, as this Node-RED sees it: the engine was there before, perhaps, and goes on without it.
 *
 * States: `starting` (no picture yet), `running` (pictures flow), `waiting` (they have stopped coming), `stopped` (the flow is wrong).
 * Events: `change` when the state changed; `trouble` (text) once each time something failed.
 */
class ChainEngine extends EventEmitter {
  state = 'stopped'
  lastError = null
  startedAt = null
  updatedAt = null
  pid = null
  restarts = 0
  #chain
  #key
  #place
  #engines
  #clock
  #statistics
  #engine = null
  #timer = null
  #lastFrames = -1
  #lastFrameAt = 0

  /**
   * @param {object} chain of `findChains`
   * @param {string} key by which the engine is found again
   * @param {object} place `host` (links listen there), `mediaDir`
   * @param {Engines} engines
   * @param {object} clock see clock.js
   */
  constructor (chain, key, place, engines, clock) {
    super()
    this.#chain = chain
    this.#key = key
    this.#place = place
    this.#engines = engines
    this.#clock = clock
    this.#statistics = new Statistics(clock, rateOf(chain))
  }

  get chain () {
    return this.#chain
  }

  /** Counts and rates, see Statistics. */
  get figures () {
    return this.#statistics.figures
  }

  /** What the engine said last of its parts; null before it has said anything. */
  get engine () {
    return this.#engine
  }

  /** Go on air, or on. A chain with faults stays stopped, and says why in `lastError`. */
  async start () {
    if (this.#chain.faults.length > 0) {
      this.#fail(this.#chain.faults.map(({ message }) => message).join('; '))
      return
    }
    this.startedAt = new Date(this.#clock.now()).toISOString()
    this.#lastFrameAt = this.#clock.now()
    this.#setState('starting')
    this.#pollLater()
    await this.#define()
  }

  /** Take a chain with the same key in place of the one before: what has not changed goes on. */
  async replace (chain) {
    this.#chain = chain
    this.#statistics.nominalRate = rateOf(chain)
    if (chain.faults.length > 0 || this.#timer === null) {
      await this.stop()
      await this.start()
    } else await this.#define()
  }

  /** Go off air. Resolves when the engine has finished its files. */
  async stop () {
    this.forget()
    this.#setState('stopped')
    if (this.startedAt !== null) await this.#engines.stop(this.#key)
    this.startedAt = null
  }

  /** Look at it no more; the engine goes on. */
  forget () {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  /** @param {object} command see the engine's commands; resolves when it is carried out */
  async command (command) {
    this.#engine = await this.#engines.command(this.#key, command)
  }

  async #define () {
    try {
      const { pid, restarts } = await this.#engines.start(this.#key, defineChain(this.#chain, this.#place))
      // Another engine because another was asked for: none has died.
      if (restarts === 0 && this.pid !== null && pid !== this.pid) this.#beginRun(pid)
    } catch (error) {
      this.#fail(error.message)
    }
  }

  #pollLater () {
    const timer = this.#timer = this.#clock.setTimeout(async () => {
      const engine = await this.#askState()
      if (this.#timer !== timer) return
      this.#take(engine)
      this.#pollLater()
    }, this.state === 'starting' ? STARTING_POLL_MS : POLL_MS)
  }

  #take (engine) {
    try {
      if (engine) this.#heard(engine)
      else if (this.state === 'running') this.#setState('waiting')
    } catch (error) {
      this.#fail(`What the engine says cannot be taken in: ${error.stack}`)
    }
  }

  /** Null while it is not there yet, or being started again: what it says next tells. */
  async #askState () {
    try {
      return await this.#engines.command(this.#key, { command: 'state' })
    } catch (error) {
      if (!(error instanceof EngineRefused)) this.#fail(`The engine cannot be asked: ${error.stack}`)
      return null
    }
  }

  #beginRun (pid) {
    this.#statistics.beginRun()
    this.#lastFrames = -1
    this.pid = pid
  }

  #heard (engine) {
    const now = this.#clock.now()
    if (this.pid !== null && engine.pid !== this.pid) {
      this.restarts += 1
      this.#beginRun(engine.pid)
    }
    this.pid = engine.pid
    this.#engine = engine
    this.updatedAt = new Date(now).toISOString()
    const [encoder] = engine.encoders
    if (encoder.frames > this.#lastFrames) this.#lastFrameAt = now
    this.#lastFrames = encoder.frames
    this.#statistics.addReport(reportOf(engine))
    this.#tellTrouble(engine)
    this.#setState(this.#stateOf(engine, now))
  }

  #stateOf ({ sources, encoders: [encoder] }, now) {
    const hasRun = this.state === 'running' || this.state === 'waiting'
    // An encoder machine is on air with the mixer machine's pictures, not with a slate in their place.
    const isFed = !this.#chain.linkIn || Object.values(sources).every(({ state }) => state === 'live')
    if (isFed && encoder.frames > 0 && now - this.#lastFrameAt < STILL_MS) return 'running'
    return hasRun ? 'waiting' : 'starting'
  }

  #tellTrouble ({ sources, encoders, sourceEncoders = [], slate }) {
    const failing = [
      { name: 'slate', lastError: slate?.lastError ?? null },
      ...Object.entries(sources).filter(([, { state }]) => state !== 'live').map(([name, { lastError }]) => ({ name, lastError })),
      ...[...encoders, ...sourceEncoders].flatMap((encoder) => [encoder, ...encoder.outputs.filter(({ state }) => state !== 'sending')])
    ].filter(({ lastError }) => lastError !== null)
    const told = failing.map(({ name, lastError }) => `${name}: ${lastError}`).join('; ')
    if (told !== '' && told !== this.lastError) this.#fail(told)
  }

  #fail (text) {
    this.lastError = text
    this.emit('trouble', text)
  }

  #setState (state) {
    if (this.state === state) return
    this.state = state
    this.updatedAt = new Date(this.#clock.now()).toISOString()
    this.emit('change')
  }
}

/** Frames/s that a chain should give; undefined for one without a format. */
const rateOf = ({ format }) => format ? new FrameRate(format.frameRate).value : undefined

/** The source that is the link of another machine; undefined for a chain without one. */
function linkOf (sources) {
  return Object.values(sources).find((source) => 'latencyMs' in source)
}

function reportOf ({ sources, encoders, missedFrames }) {
  const [{ frames, bits }] = encoders
  const dropped = encoders.reduce((sum, { droppedFrames }) => sum + droppedFrames, missedFrames)
  const repeated = Object.values(sources).reduce((sum, { repeatedFrames }) => sum + repeatedFrames, 0)
  const link = linkOf(sources)?.received
  return {
    frames,
    bits,
    droppedFrames: dropped,
    duplicatedFrames: repeated,
    linkLostPackets: link?.lostPackets ?? null,
    linkReconnects: link ? Math.max(0, link.senders - 1) : null
  }
}

module.exports = { ChainEngine, linkOf }
