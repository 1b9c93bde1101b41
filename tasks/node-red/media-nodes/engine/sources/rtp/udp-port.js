'use strict'

const dgram = require('node:dgram')
const { EventEmitter } = require('node:events')

/** Asked of the kernel; it may give less. */
const RECEIVE_BYTES = 4_000_000
const AGAIN_MS = 1000

/** A UDP port that a source listens on, again and again until it can be had. Events: `datagram` (bytes, from), `trouble` (text, reason). */
class UdpPort extends EventEmitter {
  #place
  #time
  #socket = null
  #timer = null

  /**
   * @param {object} place `address`, `port`
   * @param {object} time `setTimeout`, `clearTimeout`
   */
  constructor (place, time) {
    super()
    this.#place = place
    this.#time = time
  }

  open () {
    const { address, port } = this.#place
    const socket = this.#socket = dgram.createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BYTES })
    socket.on('message', (datagram, from) => this.emit('datagram', datagram, from))
    socket.on('error', (error) => {
      const text = `port ${port} cannot be listened on. See whether something else has it. (${error.code ?? error.message})`
      this.emit('trouble', `SourceUnreachable: ${text}`, 'SourceUnreachable')
      this.close()
      this.#timer = this.#time.setTimeout(() => this.open(), AGAIN_MS)
    })
    socket.bind(port, address)
  }

  close () {
    this.#time.clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = null
    socket?.removeAllListeners('message').close()
  }
}

module.exports = { UdpPort }
