'use strict'

const { fork } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { endChild, hangs, killGroup } = require('./child-processes')

const ENGINE = path.join(__dirname, 'main.js')
/** An engine tells four times a second that it lives; one that does not for so long hangs, as does one that takes so long to start. */
const [SILENT_MS, START_MS] = [2000, 5000]
const WATCH_MS = 100
const RESTART_MS = 50
/** ECS kills what has not ended after stopTimeout (120 s in the task definition). */
const END_MS = 30_000
const KEY = /^[a-z0-9-]{1,40}$/

/** An engine is asked for in a way that means nothing. */
class WrongRequest extends Error {
  constructor (message) {
    super(message)
    this.name = 'WrongRequest'
  }
}

/** One engine, as long as it is wanted: whatever ends it, another goes on in its place. */
class KeptEngine {
  restarts = 0
  #folder
  #say
  #definition
  #child = null
  #heardAt = 0
  #patienceMs = START_MS
  #isOver = false
  #watch

  constructor (folder, definition, say) {
    this.#folder = folder
    this.#say = say
    fs.rmSync(folder, { recursive: true, force: true })
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#write(definition)
    this.#start()
    this.#watch = setInterval(() => this.#look(), WATCH_MS)
  }

  get pid () {
    return this.#child?.pid ?? null
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

  async stop () {
    this.#isOver = true
    clearInterval(this.#watch)
    if (this.#child) await endChild(this.#child, END_MS)
    fs.rmSync(this.#folder, { recursive: true, force: true })
  }

  #write (definition) {
    this.#definition = JSON.stringify(definition)
    fs.writeFileSync(path.join(this.#folder, 'definition.json'), this.#definition, { mode: 0o600 })
  }

  #start () {
    this.#heardAt = performance.now()
    this.#patienceMs = START_MS
    // In a group of its own, which ends as a whole when the engine does.
    const child = fork(ENGINE, ['.'], { cwd: this.#folder, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    child.on('message', () => {
      if (this.#child !== child) return
      this.#heardAt = performance.now()
      this.#patienceMs = SILENT_MS
    })
    child.on('error', (error) => this.#say(`The engine ${path.basename(this.#folder)} cannot be started: ${error.message}`))
    child.on('exit', (code, signal) => {
      killGroup(child)
      if (this.#isOver) return
      this.#child = null
      this.restarts += 1
      this.#say(`The engine ${path.basename(this.#folder)} ended (${signal ?? `exit code ${code}`}) and is started again`)
      setTimeout(() => { if (!this.#isOver) this.#start() }, RESTART_MS)
    })
  }

  #look () {
    if (this.#child !== null && hangs(this.#child.pid, performance.now() - this.#heardAt, this.#patienceMs)) killGroup(this.#child)
  }
}

/** Keeps the engines of a machine running, each by a key: whatever happens to Node-RED, which asks for them. */
class EngineKeeper {
  #folder
  #say
  #engines = new Map()

  /**
   * @param {string} folder in which each engine has one of its own
   * @param {(text: string) => void} say told when an engine ended and was started again
   */
  constructor (folder, say) {
    this.#folder = folder
    this.#say = say
  }

  /** Have an engine run by this definition; one that does already goes on, with what has not changed. */
  async start (key, definition) {
    if (!KEY.test(key)) throw new WrongRequest(`key must be 1 to 40 of a-z, 0-9 and -, not ${JSON.stringify(key)}`)
    const running = this.#engines.get(key)
    if (!running?.is(definition) && !(await running?.take(definition))) {
      await running?.stop()
      this.#engines.set(key, new KeptEngine(path.join(this.#folder, key), definition, this.#say))
    }
    const { pid, restarts } = this.#engines.get(key)
    return { pid, restarts }
  }

  /** End an engine; resolves when its outputs are finished. One that is not there has ended already. */
  async stop (key) {
    const engine = this.#engines.get(key)
    this.#engines.delete(key)
    await engine?.stop()
  }

  /** Those that run: `key`, `pid`, `restarts` of each. */
  list () {
    return [...this.#engines].map(([key, { pid, restarts }]) => ({ key, pid, restarts }))
  }

  /** End all. */
  async end () {
    await Promise.all([...this.#engines.keys()].map((key) => this.stop(key)))
  }
}

module.exports = { EngineKeeper, WrongRequest }
