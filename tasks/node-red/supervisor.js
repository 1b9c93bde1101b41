'use strict'

/**
 * The container's main process: starts Node-RED and the media engines, and starts again what died.
 *
 *   node supervisor.js NODE_RED_ARGUMENT…
 *
 * From the environment: ENGINE_DIR, a folder of its own for its socket and the engines' files. Node-RED asks for engines over
 * ENGINE_DIR/supervisor.sock (see lib/engines.js of the media nodes). SIGTERM ends everything in order: the engines, which finish their
 * outputs, then Node-RED.
 */

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const { endChild, killGroup, whenEnded } = require('./media-nodes/engine/child-processes')
const { EngineKeeper, WrongRequest } = require('./media-nodes/engine/engine-keeper')
const { serveJsonLines } = require('./media-nodes/engine/json-lines-server')
const { logLine } = require('./media-nodes/engine/log-line')
const { Backoff } = require('./media-nodes/lib/backoff')

const NODE_RED = require.resolve('node-red/red.js')
/** A Node-RED that dies so often without ever having run this long cannot be helped here. */
const MOST_DEATHS = 5
const RAN_WELL_MS = 60_000
/** One that ends by itself so soon refuses to start: it has said why, and would say it again. */
const REFUSED_MS = 1000
const NODE_RED_END_MS = 15_000

/** Node-RED, started again when it dies; `onHopeless(code)` when that is of no use. */
class KeptNodeRed {
  #args
  #onHopeless
  #child = null
  #deaths = 0
  #backoff = new Backoff()
  #isOver = false

  constructor (args, onHopeless) {
    this.#args = args
    this.#onHopeless = onHopeless
    this.#start()
  }

  async stop () {
    this.#isOver = true
    await endChild(this.#child, NODE_RED_END_MS)
  }

  #start () {
    const startedAt = performance.now()
    // In a group of its own, so that what ends Node-RED's group does not reach the engines.
    const child = spawn(process.execPath, [NODE_RED, ...this.#args], {
      detached: true, stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, SUPERVISED: 'yes' }
    })
    this.#child = child
    child.stdin.on('error', () => {})
    whenEnded(child, (how, code) => {
      killGroup(child)
      if (!this.#isOver) this.#died(how, code, performance.now() - startedAt)
    })
  }

  #died (how, code, ranMs) {
    logLine('warn', `Node-RED ended ${how}`)
    if (ranMs >= RAN_WELL_MS) {
      this.#deaths = 0
      this.#backoff.reset()
    }
    this.#deaths += 1
    const hasRefused = code !== null && code !== 0 && ranMs < REFUSED_MS
    if (hasRefused || this.#deaths >= MOST_DEATHS) this.#onHopeless(code || 1)
    else setTimeout(() => { if (!this.#isOver) this.#start() }, this.#backoff.next() * 1000)
  }
}

async function main (args) {
  const folder = process.env.ENGINE_DIR || '/run/organist'
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Paths of sockets are short: here they are relative, for this process and for all that it starts.
  process.chdir(folder)
  const engines = new EngineKeeper('.', (text) => logLine('warn', text))
  const requests = {
    start: ({ key, definition }) => engines.start(key, definition),
    stop: ({ key }) => engines.stop(key),
    list: () => engines.list()
  }
  await serveJsonLines('supervisor.sock', (asked) => {
    if (!Object.hasOwn(requests, asked.request)) throw new WrongRequest(`request must be one of ${Object.keys(requests).join(', ')}`)
    return requests[asked.request](asked)
  })
  let ending = null
  const end = (code) => {
    ending ??= engines.end().then(() => nodeRed.stop()).then(() => process.exit(code))
  }
  const nodeRed = new KeptNodeRed(args, end)
  process.on('SIGTERM', () => end(0))
  process.on('SIGINT', () => end(0))
}

main(process.argv.slice(2))
