'use strict'

const realClock = require('./clock')
const { ChainEngine } = require('./chain-engine')
const { EngineRefused, Engines } = require('./engines')
const { findChains } = require('./graph')
const { readFade } = require('./fader')
const { DownWatch } = require('./metrics/down-watch')
const { LogDocuments, logTarget } = require('./metrics/log-documents')
const { chainDocument, chainMetrics, everyOutput, nodeStatus, outputDocuments, processDocument } = require('./metrics/metrics')
const { OutputWatch } = require('./metrics/output-watch')

const REPORT_MS = 1000
const REPORTS_PER_PROCESS_DOCUMENT = 2
const REPORTS_PER_OUTPUT_DOCUMENT = 5

/** Flows that were stopped and not started again within this time are meant to be off air. */
const STOPPED_MS = 3000

/** By what an engine is found again: the node that its chain is named after. */
function keyOf (chain) {
  return chain.parts.find(({ name }) => name === chain.name).id.replace(/[^a-z0-9]+/gi, '-').toLowerCase().slice(0, 40)
}

/** All media nodes and chains of this Node-RED. */
class Production {
  #log
  #clock
  #engines
  #place
  #stopTimer = null
  #names
  #members = new Map()
  #runners = new Map()
  #refreshed = Promise.resolve()
  #documents = null
  #reportTimer = null
  #reports = 0
  #downWatch = new DownWatch()
  #outputWatch = new OutputWatch()

  /**
   * @param {object} log with `info(text)` and `warn(text)`
   * @param {object} environment the process's variables: INSTANCE_NAME, PRODUCTION_ID, MEDIA_HOST, MEDIA_DIR,
   *   LOG_HOSTNAME, LOG_PORT
   * @param {object} with `clock` (see clock.js), `engines` (see engines.js)
   */
  constructor (log, environment, { clock = realClock, engines = new Engines() } = {}) {
    this.#log = log
    this.#clock = clock
    this.#engines = engines
    this.#place = {
      host: environment.MEDIA_HOST || '0.0.0.0',
      mediaDir: environment.MEDIA_DIR || '/data/media',
      productionId: environment.PRODUCTION_ID || null
    }
    this.#names = { instanceName: environment.INSTANCE_NAME || null, productionId: this.#place.productionId }
    const target = logTarget(environment)
    if (target) this.#documents = new LogDocuments(target, (text) => log.warn(text))
  }

  /** Where media are: `host` (address to listen on), `mediaDir`. */
  get place () {
    return this.#place
  }

  /**
   * A node has come. Its chain starts with the next `refresh`.
   *
   * @param {object} part see part.js
   * @param {object} node the Node-RED node: its `wires` (they may change while it lives) and `status(…)`
   */
  add (part, node) {
    this.#members.set(part.id, { part, node })
  }

  /** A node is going. Its chain goes on until the flows are complete again: it may come back as it was. */
  remove (id) {
    this.#members.delete(id)
    this.#clock.clearTimeout(this.#stopTimer)
    this.#stopTimer = this.#clock.setTimeout(() => {
      this.refresh().catch((error) => this.#log.warn(`The media chains cannot be ended: ${error.stack}`))
    }, STOPPED_MS)
  }

  /** The flows are complete: end chains that are no more, put those on air that are new or changed. */
  refresh () {
    this.#clock.clearTimeout(this.#stopTimer)
    const refreshed = this.#refreshed.then(() => this.#rearrange())
    // Who asked hears of a failure; the next one begins anew.
    this.#refreshed = refreshed.catch(() => {})
    return refreshed
  }

  /** The document of `GET /production/metrics`. */
  get metrics () {
    return { ...this.#names, chains: [...this.#runners.values()].map(chainMetrics) }
  }

  /** Position of the mixer's fader, 0..1; null when no chain has a mixer. */
  get faderPosition () {
    return this.#mixing()?.engine?.fader ?? null
  }

  /**
   * Move the fader of a mixer.
   *
   * @param {number|object} wish a position 0..1, or {fader, seconds}
   * @param {string} [mixerId] which mixer; without it the first
   * @returns {Promise<object|null>} {fader, seconds} as understood; null when there is no such mixer
   * @throws {WrongFade} when the wish is none
   */
  async moveFader (wish, mixerId) {
    const fade = readFade(wish)
    const runner = this.#mixing(mixerId)
    if (!runner) return null
    await runner.command({ command: 'fader', ...fade })
    return fade
  }

  /** The chain that a part is in, see ChainEngine; null while it is in none. */
  runnerOf (partId) {
    return [...this.#runners.values()].find(({ chain }) => chain.parts.some(({ id }) => id === partId)) ?? null
  }

  #mixing (mixerId) {
    return [...this.#runners.values()].find(({ chain }) => chain.mixer && (!mixerId || chain.mixer.id === mixerId))
  }

  async #rearrange () {
    const parts = [...this.#members.values()].map(({ part, node }) => ({ ...part, wires: node.wires.flat() }))
    const wanted = new Map(findChains(parts).map((chain) => [keyOf(chain), chain]))
    await this.#end([...this.#runners.keys()].filter((key) => !wanted.has(key)))
    await this.#settle([...wanted].map(([key, chain]) => this.#runners.has(key) ? this.#runners.get(key).replace(chain) : this.#begin(key, chain)))
    await this.#endForgotten()
    for (const runner of this.#runners.values()) this.#show(runner)
  }

  /** Wait for all; an engine that refuses costs no other its turn. */
  async #settle (asked) {
    for (const { reason } of await Promise.allSettled(asked)) {
      if (reason instanceof EngineRefused) this.#log.warn(reason.message)
      else if (reason) throw reason
    }
  }

  /** Engines of a Node-RED before this one, whose flows are no more, and those that refused to end. */
  async #endForgotten () {
    await this.#settle([this.#engines.list().then((engines) => {
      const forgotten = engines.filter(({ key }) => !this.#runners.has(key))
      return this.#settle(forgotten.map(({ key }) => this.#engines.stop(key)))
    })])
  }

  async #begin (key, chain) {
    const runner = new ChainEngine(chain, key, this.#place, this.#engines, this.#clock)
    this.#runners.set(key, runner)
    runner.on('change', () => {
      this.#log.info(`Chain ${runner.chain.name}: ${runner.state}`)
      this.#show(runner)
    })
    runner.on('trouble', (text) => this.#log.warn(`Chain ${runner.chain.name}: ${text}`))
    this.#reportTimer ??= this.#clock.setInterval(() => this.#report(), REPORT_MS)
    await runner.start()
  }

  async #end (keys) {
    const runners = keys.map((key) => this.#runners.get(key))
    for (const key of keys) this.#runners.delete(key)
    for (const watch of [this.#downWatch, this.#outputWatch]) for (const { chain } of runners) watch.forget(chain.name)
    await this.#settle(runners.map((runner) => runner.stop()))
    if (this.#runners.size > 0) return
    this.#clock.clearInterval(this.#reportTimer)
    this.#reportTimer = null
    this.#reports = 0
  }

  /** An engine that the supervisor ends may take its time with its outputs: that is no fault. Who keeps the engines knows. */
  async #tellIfWanted (key, text) {
    const kept = await this.#engines.list().catch(() => [])
    if (kept.some((engine) => engine.key === key)) this.#log.warn(text)
  }

  #show (runner) {
    for (const part of runner.chain.parts) this.#members.get(part.id)?.node.status(nodeStatus(runner, part))
  }

  /** What is to be told of a chain and its outputs. */
  #watched (runner, now) {
    const { chain: { name }, state } = runner
    const down = this.#downWatch.look({ name, state }, now)
    if (state !== 'running') this.#outputWatch.forget(name)
    return [...(down ? [down] : []), ...(state === 'running' ? this.#outputWatch.look(name, everyOutput(runner), now) : [])]
  }

  #report () {
    const runners = [...this.#runners.values()]
    for (const runner of runners) this.#show(runner)
    const now = this.#clock.now()
    for (const [key, runner] of this.#runners) for (const text of this.#watched(runner, now)) this.#tellIfWanted(key, text)
    const documents = runners.map((runner) => chainDocument(runner, this.#names, now))
    // In one sending with the chains': two at a time would drop each other.
    if (this.#reports % REPORTS_PER_OUTPUT_DOCUMENT === 0) documents.push(...runners.flatMap((runner) => outputDocuments(runner, this.#names, now)))
    if (this.#reports % REPORTS_PER_PROCESS_DOCUMENT === 0) documents.push(processDocument(this.#names, now))
    this.#reports += 1
    this.#documents?.send(documents)
  }
}

module.exports = { Production }
