'use strict'

const realClock = require('./clock')
const { ChainRunner } = require('./chain-runner')
const { findChains } = require('./graph')
const { readFade } = require('./fader')
const { LogDocuments, logTarget } = require('./log-documents')
const { chainDocument, chainMetrics, nodeStatus, processDocument } = require('./metrics')

const REPORT_MS = 1000
const REPORTS_PER_PROCESS_DOCUMENT = 2

/** All that makes a chain what it is: when this differs, it is another chain. */
function definitionOf (chain) {
  return JSON.stringify(chain.parts.map(({ faults, ...part }) => ({ ...part, faults: faults.map(({ message }) => message) })))
}

/** All media nodes and chains of this Node-RED. */
class Production {
  #log
  #clock
  #place
  #names
  #members = new Map()
  #runners = new Map()
  #refreshed = Promise.resolve()
  #documents = null
  #reportTimer = null
  #reports = 0

  /**
   * @param {object} log with `info(text)` and `warn(text)`
   * @param {object} environment the process's variables: INSTANCE_NAME, PRODUCTION_ID, MEDIA_HOST, MEDIA_DIR,
   *   FFMPEG_PATH, LOG_HOSTNAME, LOG_PORT
   * @param {object} clock see clock.js
   */
  constructor (log, environment, clock = realClock) {
    this.#log = log
    this.#clock = clock
    this.#place = {
      host: environment.MEDIA_HOST || '0.0.0.0',
      mediaDir: environment.MEDIA_DIR || '/data/media',
      ffmpegPath: environment.FFMPEG_PATH || 'ffmpeg'
    }
    this.#names = { instanceName: environment.INSTANCE_NAME || null, productionId: environment.PRODUCTION_ID || null }
    const target = logTarget(environment)
    if (target) this.#documents = new LogDocuments(target, (text) => log.warn(text))
  }

  /** Where media are: `host` (address to listen on), `mediaDir`, `ffmpegPath`. */
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

  /** A node is going: its chain goes off air. Resolves when FFmpeg is gone. */
  async remove (id) {
    this.#members.delete(id)
    const inside = ({ chain }) => chain.parts.some((part) => part.id === id)
    await this.#end([...this.#runners.values()].filter(inside))
  }

  /** The flows are complete: end chains that are no more, put those on air that are new or changed. */
  refresh () {
    this.#refreshed = this.#refreshed.then(() => this.#rearrange())
    return this.#refreshed
  }

  /** The document of `GET /production/metrics`. */
  get metrics () {
    return { ...this.#names, chains: [...this.#runners.values()].map(chainMetrics) }
  }

  /** Position of the mixer's fader, 0..1; null when no chain has a mixer. */
  get faderPosition () {
    return this.#mixing()?.fader.position ?? null
  }

  /**
   * Move the fader of a mixer.
   *
   * @param {number|object} wish a position 0..1, or {fader, seconds}
   * @param {string} [mixerId] which mixer; without it the first
   * @returns {object|null} {fader, seconds} as understood; null when there is no such mixer
   * @throws {WrongFade} when the wish is none
   */
  moveFader (wish, mixerId) {
    const fade = readFade(wish)
    const runner = this.#mixing(mixerId)
    if (!runner) return null
    runner.fader.moveTo(fade)
    return fade
  }

  #mixing (mixerId) {
    return [...this.#runners.values()].find(({ chain }) => chain.mixer && (!mixerId || chain.mixer.id === mixerId))
  }

  async #rearrange () {
    const parts = [...this.#members.values()].map(({ part, node }) => ({ ...part, wires: node.wires.flat() }))
    const wanted = new Map(findChains(parts).map((chain) => [definitionOf(chain), chain]))
    const over = [...this.#runners].filter(([definition]) => !wanted.has(definition)).map(([, runner]) => runner)
    await this.#end(over)
    for (const [definition, chain] of wanted) {
      if (!this.#runners.has(definition)) this.#begin(definition, chain)
    }
  }

  #begin (definition, chain) {
    const runner = new ChainRunner(chain, this.#place, this.#clock)
    this.#runners.set(definition, runner)
    runner.on('change', () => {
      this.#log.info(`Chain ${chain.name}: ${runner.state}`)
      this.#show(runner)
    })
    runner.on('trouble', (text) => this.#log.warn(`Chain ${chain.name}: ${text}`))
    runner.start()
    this.#show(runner)
    this.#reportTimer ??= this.#clock.setInterval(() => this.#report(), REPORT_MS)
  }

  async #end (runners) {
    for (const [definition, runner] of this.#runners) if (runners.includes(runner)) this.#runners.delete(definition)
    await Promise.all(runners.map((runner) => runner.stop()))
    if (this.#runners.size > 0) return
    this.#clock.clearInterval(this.#reportTimer)
    this.#reportTimer = null
    this.#reports = 0
  }

  #show (runner) {
    const status = nodeStatus(runner)
    for (const { id } of runner.chain.parts) this.#members.get(id)?.node.status(status)
  }

  #report () {
    const runners = [...this.#runners.values()]
    for (const runner of runners) this.#show(runner)
    const now = this.#clock.now()
    const documents = runners.map((runner) => chainDocument(runner, this.#names, now))
    // In one sending with the chains': two at a time would drop each other.
    if (this.#reports % REPORTS_PER_PROCESS_DOCUMENT === 0) documents.push(processDocument(this.#names, now))
    this.#reports += 1
    this.#documents?.send(documents)
  }
}

module.exports = { Production }
