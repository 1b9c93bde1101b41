'use strict'

const { EventEmitter } = require('node:events')
const net = require('node:net')
const { LineSplitter } = require('../../lib/line-splitter')
const { FarClock } = require('./far-clock')
const { proofOf } = require('./link-secret')

const AGAIN_MS = 100
/** Whoever listens says a nonce within so long, or it is none of a link, or gone without a word. */
const NONCE_MS = 3000
/** The sender listens anew within so long, or something is wrong with it. */
const RENEWED_MS = 3000
/** The far end's clock is asked for so often. */
const CLOCK_MS = 1000

/**
 * The receiving end of a link asks its sending end to listen anew, before each call.
 *
 * Events: `renewed` when a call can be made; `gone` when the sending end is: `renew` asks again, and where its engine is gone that happens by
 * itself, as soon as there is another; `trouble` (text) once when it cannot be reached.
 */
class LinkControlClient extends EventEmitter {
  #far
  #passphrase
  #time
  #socket = null
  #isKnown = false
  #timer = null
  #clockTimer = null
  #clock = new FarClock()
  #isStopped = true
  #trouble = null

  /**
   * @param {object} far `address`, `controlPort`, `passphrase` of the link
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   */
  constructor ({ address, controlPort, passphrase }, time) {
    super()
    this.#far = { host: address, port: controlPort }
    this.#passphrase = passphrase
    this.#time = time
  }

  start () {
    this.#isStopped = false
    this.#connect()
  }

  stop () {
    this.#isStopped = true
    this.#time.clearTimeout(this.#timer)
    this.#time.clearTimeout(this.#clockTimer)
    this.#socket?.destroy()
  }

  /** The far end's clock, see FarClock; null while it is not known. */
  get clock () {
    return this.#clock.now
  }

  /** Ask once more: the call has failed. While nobody is connected this happens by itself. */
  renew () {
    if (this.#isKnown) this.#ask('again')
  }

  #connect () {
    const socket = this.#socket = net.connect(this.#far)
    const lines = new LineSplitter()
    this.#expect(NONCE_MS, `no answer within ${NONCE_MS / 1000} s`)
    socket.setEncoding('utf8').setNoDelay(true)
    socket.on('error', (error) => this.#tell(error.message))
    socket.on('data', (text) => {
      for (const line of lines.feed(text)) {
        if (line === 'renewed') this.#renewed()
        else if (line === 'gone') this.emit('gone')
        else if (line.startsWith('time ')) this.#told(line)
        else this.#ask(proofOf(this.#passphrase, line))
      }
    })
    socket.on('close', () => {
      const wasKnown = this.#isKnown
      this.#isKnown = false
      this.#time.clearTimeout(this.#timer)
      this.#time.clearTimeout(this.#clockTimer)
      this.#clock.forget()
      if (this.#isStopped) return
      if (wasKnown) this.emit('gone')
      this.#timer = this.#time.setTimeout(() => this.#connect(), AGAIN_MS)
    })
  }

  #ask (line) {
    this.#socket.write(`${line}\n`)
    this.#expect(RENEWED_MS, `it does not listen anew within ${RENEWED_MS / 1000} s`)
  }

  /** What does not come within so long ends the connection; another one follows. */
  #expect (ms, trouble) {
    this.#time.clearTimeout(this.#timer)
    this.#timer = this.#time.setTimeout(() => {
      this.#tell(trouble)
      this.#socket.destroy()
    }, ms)
  }

  #renewed () {
    this.#time.clearTimeout(this.#timer)
    this.#trouble = null
    if (!this.#isKnown) this.#askTime()
    this.#isKnown = true
    this.emit('renewed')
  }

  #askTime () {
    this.#socket.write(`time ${this.#time.now()}\n`)
    this.#clockTimer = this.#time.setTimeout(() => this.#askTime(), CLOCK_MS)
  }

  #told (line) {
    const [sent, received, answered] = line.split(' ').slice(1).map(Number)
    this.#clock.add({ sent, received, answered, heard: this.#time.now() })
  }

  #tell (text) {
    if (this.#trouble === text) return
    this.#trouble = text
    this.emit('trouble', text)
  }
}

module.exports = { LinkControlClient }
