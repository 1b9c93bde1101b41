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

const { fork, spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { serveJsonLines } = require('./media-nodes/engine/json-lines-server')
const { Backoff } = require('./media-nodes/lib/backoff')

const NODE_RED = require.resolve('node-red/red.js')
const ENGINE = path.join(__dirname, 'media-nodes', 'engine', 'main.js')
/** An engine tells four times a second that it lives; one that has told and does no more is stopped or hangs. */
const SILENT_MS = 1000
const WATCH_MS = 100
const RESTART_ENGINE_MS = 50
/** A Node-RED that dies so often without ever having run this long cannot be helped here. */
const MOST_DEATHS = 5
const RAN_WELL_MS = 60_000
/** ECS kills what has not ended after stopTimeout (120 s in the task definition). */
const ENGINE_END_MS = 30_000
const NODE_RED_END_MS = 15_000
const KEY = /^[a-z0-9-]{1,40}$/

function say (text) {
  process.stdout.write(JSON.stringify({ timestamp: new Date().toISOString(), level: 'warn', message: text, instanceName: process.env.INSTANCE_NAME }) + '\n')
}

function killGroup (child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Resolves when the child has ended: by itself on SIGTERM, or killed with its group after `ms`. */
function end (child, ms) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => killGroup(child), ms)
    child.once('exit', () => {
      clearTimeout(timer)
      killGroup(child) // what it started ends with it
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** One engine, as long as it is wanted: whatever ends it, another goes on in its place. */
class SupervisedEngine {
  restarts = 0
  #key
  #definition
  #child = null
  #heardAt = null
  #isOver = false
  #watch

  constructor (key, definition) {
    this.#key = key
    fs.rmSync(key, { recursive: true, force: true })
    fs.mkdirSync(key, { recursive: true, mode: 0o700 })
    this.#write(definition)
    this.#start()
    this.#watch = setInterval(() => this.#look(), WATCH_MS)
  }

  is (definition) {
    return JSON.stringify(definition) === this.#definition
  }

  /** Ask the engine to go on with another definition. @returns {Promise<boolean>} false when it cannot */
  async take (definition) {
    const child = this.#child
    if (child === null || !child.connected) return false
    const isTaken = await new Promise((resolve) => {
      const answered = (message) => {
        if (!('isTaken' in message)) return
        child.off('message', answered)
        resolve(message.isTaken)
      }
      child.on('message', answered)
      child.once('exit', () => resolve(false))
      child.send({ definition })
    })
    if (isTaken) this.#write(definition)
    return isTaken
  }

  get pid () {
    return this.#child?.pid ?? null
  }

  async stop () {
    this.#isOver = true
    clearInterval(this.#watch)
    if (this.#child) await end(this.#child, ENGINE_END_MS)
    fs.rmSync(this.#key, { recursive: true, force: true })
  }

  #write (definition) {
    this.#definition = JSON.stringify(definition)
    fs.writeFileSync(path.join(this.#key, 'definition.json'), this.#definition, { mode: 0o600 })
  }

  #start () {
    this.#heardAt = null
    const child = fork(ENGINE, ['.'], { cwd: this.#key, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    child.on('message', () => { this.#heardAt = performance.now() })
    child.on('error', (error) => say(`The engine ${this.#key} cannot be started: ${error.message}`))
    child.on('exit', (code, signal) => {
      if (this.#child !== child || this.#isOver) return
      this.#child = null
      killGroup(child)
      this.restarts += 1
      say(`The engine ${this.#key} ended (${signal ?? `exit code ${code}`}) and is started again`)
      setTimeout(() => { if (!this.#isOver) this.#start() }, RESTART_ENGINE_MS)
    })
  }

  #look () {
    if (this.#child === null || this.#heardAt === null || performance.now() - this.#heardAt < SILENT_MS) return
    this.#heardAt = null
    killGroup(this.#child)
  }
}

class Supervisor {
  #engines = new Map()
  #nodeRed = null
  #deaths = 0
  #backoff = new Backoff()
  #isEnding = false

  startNodeRed (args) {
    const startedAt = performance.now()
    // In a group of its own, so that what ends Node-RED's group does not reach the engines.
    const child = spawn(process.execPath, [NODE_RED, ...args], {
      detached: true, stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, SUPERVISED: 'yes' }
    })
    this.#nodeRed = child
    child.stdin.on('error', () => {})
    child.on('exit', (code, signal) => {
      if (this.#isEnding) return
      killGroup(child)
      const ranWell = performance.now() - startedAt >= RAN_WELL_MS
      this.#deaths = ranWell ? 1 : this.#deaths + 1
      if (ranWell) this.#backoff.reset()
      say(`Node-RED ended (${signal ?? `exit code ${code}`})`)
      // One that refuses to start says why, and would say it again.
      if (this.#deaths >= MOST_DEATHS || (code !== null && code !== 0 && performance.now() - startedAt < 1000)) this.end(code || 1)
      else setTimeout(() => this.startNodeRed(args), this.#backoff.next() * 1000)
    })
  }

  async answer ({ request, key, definition }) {
    if (request === 'list') return [...this.#engines].map(([name, { pid, restarts }]) => ({ key: name, pid, restarts }))
    if (!KEY.test(key)) throw new Error(`key must be 1 to 40 of a-z, 0-9 and -, not ${JSON.stringify(key)}`)
    const running = this.#engines.get(key)
    if (request === 'stop') {
      this.#engines.delete(key)
      await running?.stop()
      return {}
    }
    if (request !== 'start') throw new Error(`request must be start, stop or list, not ${JSON.stringify(request)}`)
    if (!running?.is(definition) && !(await running?.take(definition))) {
      await running?.stop()
      this.#engines.set(key, new SupervisedEngine(key, definition))
    }
    const { pid, restarts } = this.#engines.get(key)
    return { pid, restarts }
  }

  async end (code) {
    if (this.#isEnding) return
    this.#isEnding = true
    await Promise.all([...this.#engines.values()].map((engine) => engine.stop()))
    await end(this.#nodeRed, NODE_RED_END_MS)
    process.exit(code)
  }
}

async function main (args) {
  const folder = process.env.ENGINE_DIR || '/run/organist'
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Paths of sockets are short: here they are relative, for this process and for all that it starts.
  process.chdir(folder)
  const supervisor = new Supervisor()
  await serveJsonLines('supervisor.sock', (request) => supervisor.answer(request))
  process.on('SIGTERM', () => supervisor.end(0))
  process.on('SIGINT', () => supervisor.end(0))
  supervisor.startNodeRed(args)
}

main(process.argv.slice(2))
