'use strict'

const { spawn } = require('node:child_process')
const { EventEmitter } = require('node:events')
const { LineSplitter } = require('../../lib/line-splitter')
const { hangs, isStopped, killIfThere } = require('../child-processes')
const { outputCommand } = require('./output-arguments')

/** So much may wait for an output that is slow; then it misses what comes until the next key picture. */
const MOST_WAITING_BYTES = 4_000_000
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [200, 5000]
const RAN_WELL_MS = 5000
const MESSAGE = /\[(fatal|error)\] (.*)$/

/**
 * One output of the programme: a copying process of its own, FFmpeg or one that starts it, with a bounded queue. Whatever becomes of it
 * costs nobody else anything.
 *
 * States: `sending`, `waiting` (between two attempts, or nobody takes what is sent), `full` (there is no room for what it writes),
 * `stopped`. Events: `change`; `trouble` (text).
 */
class Output extends EventEmitter {
  state = 'stopped'
  restarts = 0
  lastError = null
  missedBytes = 0
  /** What a process that tells of itself said last; null of others. */
  told = null
  #definition
  #ffmpegPath
  #time
  #sinceEntry
  #process = null
  #isWaitingForEntry = false
  #startedAt = 0
  #lastTakenAt = 0
  #pauseMs = FIRST_PAUSE_MS
  #message = null
  #timer = null
  #finishMs = 0

  /**
   * @param {object} definition see `outputCommand`, and `name`
   * @param {string} ffmpegPath
   * @param {() => Buffer|null} sinceEntry what a new process has to be given first
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   */
  constructor (definition, ffmpegPath, sinceEntry, time) {
    super()
    this.#definition = definition
    this.#ffmpegPath = ffmpegPath
    this.#sinceEntry = sinceEntry
    this.#time = time
  }

  get name () {
    return this.#definition.name
  }

  /** Where a link's receiving end asks for a new call: `host`, `port`, `passphrase`; null for any other output. */
  get control () {
    const { controlPort: port, address: host, passphrase } = this.#definition
    return port ? { host, port, passphrase } : null
  }

  /** Its process's id; null while there is none. */
  get pid () {
    return this.#process?.pid ?? null
  }

  get kind () {
    return this.#definition.kind
  }

  /** Who receives has to call. */
  get isCalled () {
    return this.#definition.mode === 'listener'
  }

  /** How much of the programme (s) waits for its process; null while there is none. */
  get queuedSeconds () {
    return this.#process ? this.#process.stdin.writableLength * 8 / this.#definition.bitRate : null
  }

  /** Begin to send, with the newest key picture. */
  start () {
    this.#message = null
    this.#startedAt = this.#lastTakenAt = this.#time.now()
    const { name, program, args, environment, finishMs, tells } = outputCommand(this.#definition, this.#ffmpegPath)
    const child = spawn(program, args, {
      stdio: tells ? ['pipe', 'pipe', 'pipe', 'pipe'] : ['pipe', 'ignore', 'pipe'], env: { ...process.env, ...environment }
    })
    this.#finishMs = finishMs
    this.#process = child
    if (tells) this.#listen(child)
    const lines = new LineSplitter()
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      for (const line of lines.feed(chunk)) this.#message ??= MESSAGE.exec(line)?.[2]
    })
    child.stdin.on('error', () => {})
    child.on('error', (error) => { this.#message ??= error.message })
    child.on('close', (code, signal) => this.#ended(child, name, code, signal))
    const first = this.#sinceEntry()
    this.#isWaitingForEntry = first === null
    if (first) this.#write(first)
    this.#setState('sending')
  }

  /** Begin anew at once, with nothing that waits: who takes what is sent is new. Resolves when it has begun. */
  async renew () {
    const before = this.#process
    this.#process = null
    this.#time.clearTimeout(this.#timer)
    if (before) {
      const gone = new Promise((resolve) => before.once('close', resolve))
      before.kill('SIGKILL')
      await gone
    }
    if (this.state !== 'stopped' && this.#process === null) this.start()
  }

  /** A piece of the programme, see EntryPoints. */
  send ({ bytes, isEntry }) {
    const pipe = this.#process?.stdin
    if (!pipe?.writable) {
      this.missedBytes += bytes.length
      return
    }
    this.#endIfHanging(pipe, isEntry)
    if (isEntry && pipe.writableLength < MOST_WAITING_BYTES) this.#isWaitingForEntry = false
    if (this.#isWaitingForEntry || pipe.writableLength >= MOST_WAITING_BYTES) {
      this.#isWaitingForEntry = true
      this.missedBytes += bytes.length
    } else this.#write(bytes)
  }

  /** Finish what was sent, and end. Resolves when the process is gone. */
  async stop () {
    this.#setState('stopped')
    this.#time.clearTimeout(this.#timer)
    const child = this.#process
    if (!child) return
    const gone = new Promise((resolve) => child.once('close', resolve))
    if (child.stdio[3]) child.stdio[3].end('end')
    child.stdin.end()
    const timer = this.#time.setTimeout(() => child.kill('SIGKILL'), this.#finishMs)
    await gone
    this.#time.clearTimeout(timer)
  }

  /** What a process of ours says of itself. */
  #listen (child) {
    const lines = new LineSplitter()
    let ffmpegPid = null
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      for (const line of lines.feed(chunk)) {
        const told = JSON.parse(line)
        ffmpegPid = told.ffmpegPid ?? ffmpegPid
        this.#told(child, told)
      }
    })
    // One that was killed could not end its FFmpeg, which may wait for a call and hold the port.
    child.once('exit', (code, signal) => { if (signal && ffmpegPid) killIfThere(ffmpegPid) })
    child.stdio[3].on('error', () => {})
  }

  #told (child, told) {
    if (this.#process !== child) return
    const { lastError: before } = this.told ?? {}
    this.told = told
    if (this.state === 'stopped') return
    this.#setState(told.state)
    if (!told.lastError || told.lastError === before) return
    this.lastError = told.lastError
    this.emit('trouble', told.lastError)
  }

  #write (bytes) {
    this.#process.stdin.write(bytes, () => { this.#lastTakenAt = this.#time.now() })
  }

  #endIfHanging (pipe, isEntry) {
    if (pipe.writableLength === 0) this.#lastTakenAt = this.#time.now()
    const still = this.#time.now() - this.#lastTakenAt
    // One that waits for a call takes nothing either: that is no fault of its own. Of one that starts FFmpeg, that goes on taking for a while.
    const isFound = isEntry && this.#process.stdio.length > 3 && isStopped(this.pid)
    if (!isFound && !hangs(this.pid, still, this.#definition.mode === 'listener' ? Infinity : undefined)) return
    this.#message ??= `took nothing for ${Math.round(still / 1000)} s`
    this.#process.kill('SIGKILL')
  }

  #ended (child, name, code, signal) {
    if (this.#process !== child) return
    this.#process = null
    if (this.state === 'stopped') return
    if (this.#time.now() - this.#startedAt >= RAN_WELL_MS) this.#pauseMs = FIRST_PAUSE_MS
    const how = signal ? `ended by ${signal}` : `ended with exit code ${code}`
    this.#failed(this.#message ? `${this.#message} (${name} ${how})` : `${name} ${how}`)
  }

  #failed (text) {
    this.lastError = text
    this.restarts += 1
    this.#setState('waiting')
    this.emit('trouble', this.lastError)
    this.#timer = this.#time.setTimeout(() => this.start(), this.#pauseMs)
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  #setState (state) {
    if (this.state === state) return
    this.state = state
    this.emit('change')
  }
}

module.exports = { Output }
