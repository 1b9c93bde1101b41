'use strict'

const { randomBytes } = require('node:crypto')
const { EventEmitter } = require('node:events')
const net = require('node:net')
const { LineSplitter } = require('../../lib/line-splitter')
const { isProof } = require('./link-secret')

/** Whoever says so late who he is, is nobody. */
const PROOF_MS = 2000
/** So many at a time that have not said who they are. */
const MOST_UNPROVEN = 8
/** A caller whose machine is gone without a word is found out by silence, asked for after so long. */
const KEEP_ALIVE_MS = 5000
const LONGEST_TEXT = 500

/**
 * The sending end of a link, as its receiving end asks for it: FFmpeg's SRT listener keeps a dead call for five seconds and cannot be told
 * otherwise, so the receiving end says here when it is new.
 *
 * A caller is given a nonce, proves that it knows the passphrase, and is answered once the sender listens anew. The connection stays: by
 * its end each side knows at once that the other is gone. A link has one receiving end: a new one ends those before it. Events: `renew`
 * (done) when the sender is to begin anew.
 */
class LinkControlServer extends EventEmitter {
  #passphrase
  #time
  #unproven = new Set()
  #known = new Set()
  #server = net.createServer((socket) => this.#welcome(socket))

  /**
   * @param {string} passphrase of the link
   * @param {object} time `now` (ms): the clock by which pictures are stamped, which the receiving end may ask for
   */
  constructor (passphrase, time) {
    super()
    this.#passphrase = passphrase
    this.#time = time
    this.#server.on('error', (error) => this.emit('trouble', `the link's control cannot listen: ${error.message}`))
  }

  listen (port, host) {
    this.#server.listen(port, host)
  }

  /** The sender has died: who receives need not wait to find that out. */
  tellGone () {
    for (const socket of this.#known) socket.write('gone\n')
  }

  async close () {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of [...this.#unproven, ...this.#known]) socket.destroy()
    await closed
  }

  #welcome (socket) {
    if (this.#unproven.size >= MOST_UNPROVEN) return socket.destroy()
    this.#unproven.add(socket)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    const nonce = randomBytes(16).toString('hex')
    const lines = new LineSplitter()
    let [isKnown, length] = [false, 0]
    const late = setTimeout(() => socket.destroy(), PROOF_MS)
    socket.setEncoding('utf8').on('error', () => {}).on('close', () => {
      clearTimeout(late)
      this.#unproven.delete(socket)
      this.#known.delete(socket)
    })
    socket.on('data', (text) => {
      length = text.includes('\n') ? 0 : length + text.length
      if (length > LONGEST_TEXT) return socket.destroy()
      for (const line of lines.feed(text)) {
        if (!isKnown) {
          isKnown = isProof(this.#passphrase, nonce, line)
          if (!isKnown) return socket.destroy()
          clearTimeout(late)
          this.#prove(socket)
        }
        if (line.startsWith('time ')) socket.write(`${line} ${this.#time.now()} ${this.#time.now()}\n`)
        else this.emit('renew', () => { if (socket.writable) socket.write('renewed\n') })
      }
    })
    socket.write(`${nonce}\n`)
  }

  #prove (socket) {
    for (const older of this.#known) older.destroy()
    this.#known = new Set([socket])
    this.#unproven.delete(socket)
  }
}

module.exports = { LinkControlServer }
