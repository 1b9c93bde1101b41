'use strict'

const { spawn } = require('node:child_process')
const { EventEmitter } = require('node:events')
const { LineSplitter } = require('./line-splitter')
const { ProgressReader } = require('./progress')

/** FFmpeg looks for a command ten times a second; what comes faster would only queue up and arrive late. */
const COMMAND_INTERVAL_MS = 110
const NOT_A_MESSAGE = /^(Enter command:|Command reply )/

/**
 * One run of FFmpeg. Events: `report` (see ProgressReader), `picture` (bytes of a coded picture), `line` (a line of its
 * log), `exit` ({code, signal, error}), once, when it is gone or could not be started.
 */
class FfmpegProcess extends EventEmitter {
  #child
  #clock
  #waitingCommand = null
  #commandTimer = null
  #stopTimers = []
  #gone = false

  /**
   * @param {string} program path or name of ffmpeg
   * @param {string[]} args see compile.js
   * @param {object} clock see clock.js
   */
  constructor (program, args, clock) {
    super()
    this.#clock = clock
    // Not detached: it belongs to Node-RED's process group, and goes when the group is killed.
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] })
    this.#read(this.#child.stdout, new ProgressReader(), 'report')
    this.#read(this.#child.stdio[3], new LineSplitter(), 'picture', Number)
    this.#read(this.#child.stderr, new LineSplitter(), 'line')
    // The pipe to a process that is dying breaks; its exit tells all there is to tell.
    this.#child.stdin.on('error', () => this.#forgetCommands())
    this.#child.on('error', (error) => this.#end({ code: null, signal: null, error }))
    this.#child.on('close', (code, signal) => this.#end({ code, signal, error: null }))
  }

  /** Process id; undefined when it could not be started. */
  get pid () {
    return this.#child.pid
  }

  /** Give a filter a command, such as `mix@fader -1 weights 0.5 0.5`. Only the newest of those that wait is given. */
  command (text) {
    this.#waitingCommand = text
    if (this.#commandTimer === null) this.#giveCommand()
  }

  /**
   * End it: ask on stdin (so that files are finished), TERM at half time, KILL at the end of it.
   *
   * @param {number} graceSeconds how long it may take
   * @returns {Promise} resolves when it is gone
   */
  stop (graceSeconds) {
    if (this.#gone) return Promise.resolve()
    const gone = new Promise((resolve) => this.once('exit', resolve))
    this.#forgetCommands()
    if (this.#child.stdin.writable) this.#child.stdin.write('q')
    this.#stopTimers = [
      this.#clock.setTimeout(() => this.#child.kill('SIGTERM'), graceSeconds * 500),
      this.#clock.setTimeout(() => this.#child.kill('SIGKILL'), graceSeconds * 1000)
    ]
    return gone
  }

  /** End it at once, because it hangs. */
  kill () {
    this.#child.kill('SIGKILL')
  }

  #read (stream, reader, event, convert = (item) => item) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk) => {
      for (const item of reader.feed(chunk)) {
        if (typeof item !== 'string' || !NOT_A_MESSAGE.test(item)) this.emit(event, convert(item))
      }
    })
    stream.on('error', (error) => this.emit('line', `[error] cannot read from FFmpeg: ${error.message}`))
  }

  #giveCommand () {
    const text = this.#waitingCommand
    this.#waitingCommand = null
    if (text === null || !this.#child.stdin.writable) {
      this.#commandTimer = null
      return
    }
    this.#child.stdin.write(`c${text}\n`)
    this.#commandTimer = this.#clock.setTimeout(() => this.#giveCommand(), COMMAND_INTERVAL_MS)
  }

  #forgetCommands () {
    this.#waitingCommand = null
    this.#clock.clearTimeout(this.#commandTimer)
    this.#commandTimer = null
  }

  #end (how) {
    if (this.#gone) return
    this.#gone = true
    this.#forgetCommands()
    for (const timer of this.#stopTimers) this.#clock.clearTimeout(timer)
    this.emit('exit', how)
  }
}

module.exports = { FfmpegProcess }
