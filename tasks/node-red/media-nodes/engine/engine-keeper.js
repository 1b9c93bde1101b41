'use strict'

const { fork } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { Backoff } = require('../lib/backoff')
const { endChild, hangs, killGroup, whenEnded } = require('./child-processes')

const ENGINE = path.join(__dirname, 'main.js')
/** An engine tells four times a second that it lives; one that does not for so long hangs, as does one that takes so long to start. */
const [SILENT_MS, START_MS] = [2000, 5000]
/** Most of what a tick allocates is of no use after it: with so much room (MiB) it ends there, and Node.js need not go through all memory every second. */
const V8_OPTIONS = ['--min-semi-space-size=16']
const WATCH_MS = 100
const RESTART_SECONDS = 0.05
/** One that ran so long is started again at once when it ends, one that did not more and more seldom. */
const RAN_WELL_MS = 5000
/** ECS kills what has not ended after stopTimeout (120 s in the task definition). */
const END_MS = 100_000
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
  #backoff = new Backoff(RESTART_SECONDS)

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
      const settle = (answer) => {
        child.off('message', answered).off('exit', gone)
        resolve(answer)
      }
      const answered = (message) => { if ('isTaken' in message) settle(message.isTaken) }
      const gone = () => settle(false)
      child.on('message', answered).on('exit', gone)
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
    const startedAt = this.#heardAt = performance.now()
    this.#patienceMs = START_MS
    // In a group of its own, which ends as a whole when the engine does.
    const child = fork(ENGINE, ['.'], { cwd: this.#folder, execArgv: V8_OPTIONS, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    child.on('message', () => {
      if (this.#child !== child) return
      this.#heardAt = performance.now()
      this.#patienceMs = SILENT_MS
    })
    whenEnded(child, (how) => {
      killGroup(child)
      if (this.#isOver) return
      this.#child = null
      this.restarts += 1
      this.#say(`The engine ${path.basename(this.#folder)} ended ${how} and is started again`)
      if (performance.now() - startedAt >= RAN_WELL_MS) this.#backoff.reset()
      setTimeout(() => { if (!this.#isOver) this.#start() }, this.#backoff.next() * 1000)
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
  #asked = new Map()
  #isEnding = false

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
    return this.#inOrder(key, () => this.#have(key, definition))
  }

  /** End an engine; resolves when its outputs are finished. One that is not there has ended already. */
  async stop (key) {
    return this.#inOrder(key, async () => {
      const engine = this.#engines.get(key)
      this.#engines.delete(key)
      await engine?.stop()
    })
  }

  /** Those that run: `key`, `pid`, `restarts` of each. */
  list () {
    return [...this.#engines].map(([key, { pid, restarts }]) => ({ key, pid, restarts }))
  }

  /** End all, and start none any more. */
  async end () {
    this.#isEnding = true
    await Promise.all([...new Set([...this.#engines.keys(), ...this.#asked.keys()])].map((key) => this.stop(key)))
  }

  async #have (key, definition) {
    if (this.#isEnding) throw new WrongRequest('everything is being ended: no engine is started any more')
    const running = this.#engines.get(key)
    if (!running?.is(definition) && !(await running?.take(definition))) {
      await running?.stop()
      this.#engines.set(key, new KeptEngine(path.join(this.#folder, key), definition, this.#say))
    }
    const { pid, restarts } = this.#engines.get(key)
    return { pid, restarts }
  }

  /** One request about a key at a time: two engines in one folder would take each other's files. */
  #inOrder (key, request) {
    const before = this.#asked.get(key) ?? Promise.resolve()
    const answer = before.then(request)
    // Whoever asked hears of a failure; who asks next only waits.
    const settled = answer.then(() => {}, () => {}).then(() => { if (this.#asked.get(key) === settled) this.#asked.delete(key) })
    this.#asked.set(key, settled)
    return answer
  }
}

module.exports = { EngineKeeper, WrongRequest }
