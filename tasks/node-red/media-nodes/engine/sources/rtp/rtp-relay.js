'use strict'

const { randomInt } = require('node:crypto')
const dgram = require('node:dgram')
const fs = require('node:fs')
const { readPacket, reporterOf } = require('./packet')
const { writeDescription } = require('./session-description')

const HOST = '127.0.0.1'
/** FFmpeg takes two ports of these for each stream: below those that the kernel gives to whoever asks for any. */
const [FIRST_PORT, PORT_PAIRS] = [20_000, 5000]
/** A port that nobody has answers at once. */
const ANSWER_MS = 10
/** So much at a time for an FFmpeg that begins, or its socket is full. */
const [BURST_PACKETS, BURST_MS] = [48, 3]
const MOST_WAITING_BYTES = 8_000_000

/**
 * Hands the packets of one source to one FFmpeg, on loopback, where FFmpeg listens as a description in a file says: so the source has one port, and
 * nothing in its sender's description counts but codecs. Packets wait until FFmpeg is there.
 */
class RtpRelay {
  #file
  #streams
  #time
  #waitingBytes = 0
  #isClosed = false

  /**
   * @param {object[]} media of `readDescription`
   * @param {string} file where the description is written, for this user alone
   * @param {object} time `setTimeout`
   */
  constructor (media, file, time) {
    this.#file = file
    this.#time = time
    const first = randomInt(PORT_PAIRS)
    this.#streams = media.map(({ payloadType }, at) => ({ payloadType, port: FIRST_PORT + 2 * ((first + at) % PORT_PAIRS), ssrc: null, waiting: [], isOpen: false, isKnocking: false, isThere: false }))
    fs.rmSync(file, { force: true })
    fs.writeFileSync(file, writeDescription(media, HOST, this.#streams.map(({ port }) => port)), { mode: 0o600 })
    for (const stream of this.#streams) this.#open(stream)
  }

  /** A packet of RTP or RTCP; false once so many wait that FFmpeg must hang. */
  write (datagram) {
    const stream = this.#streamOf(datagram)
    if (!stream) return true
    stream.waiting.push(datagram)
    this.#waitingBytes += datagram.length
    if (!stream.isThere) this.#knock(stream)
    else if (stream.waiting.length === 1) this.#sendOn(stream)
    return this.#waitingBytes < MOST_WAITING_BYTES
  }

  close () {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { sockets } of this.#streams) for (const socket of sockets) socket.close()
    fs.rmSync(this.#file, { force: true })
  }

  #streamOf (datagram) {
    const reporter = reporterOf(datagram)
    if (reporter !== null) return this.#streams.find(({ ssrc }) => ssrc === reporter)
    const { payloadType, ssrc } = readPacket(datagram)
    const stream = this.#streams.find((one) => one.payloadType === payloadType)
    if (stream) stream.ssrc = ssrc
    return stream
  }

  /** A connected socket is told when nobody has the port that it sends to. */
  #open (stream) {
    stream.sockets = [0, 1].map(() => dgram.createSocket('udp4').on('error', () => { stream.isRefused = true }))
    const [media, reports] = stream.sockets
    reports.connect(stream.port + 1, HOST, () => media.connect(stream.port, HOST, () => {
      stream.isOpen = true
      this.#knock(stream)
    }))
  }

  /** See whether FFmpeg is there, with the first packet that waits. */
  #knock (stream) {
    const packet = stream.waiting.find((datagram) => reporterOf(datagram) === null)
    if (this.#isClosed || !stream.isOpen || stream.isKnocking || !packet) return
    Object.assign(stream, { isKnocking: true, isRefused: false })
    stream.sockets[0].send(packet, (error) => { if (error) stream.isRefused = true })
    // In a process that is late the time is over before the answer is read: that comes between a timer and what is immediate.
    this.#time.setTimeout(() => setImmediate(() => {
      stream.isKnocking = false
      if (this.#isClosed || stream.isRefused) return this.#knock(stream)
      stream.isThere = true
      this.#take(stream, stream.waiting.indexOf(packet))
      this.#sendOn(stream)
    }), ANSWER_MS)
  }

  #sendOn (stream) {
    for (let count = 0; count < BURST_PACKETS && stream.waiting.length > 0 && !this.#isClosed; count++) {
      const packet = this.#take(stream, 0)
      stream.sockets[reporterOf(packet) === null ? 0 : 1].send(packet, () => {})
    }
    if (stream.waiting.length > 0) this.#time.setTimeout(() => this.#sendOn(stream), BURST_MS)
  }

  #take ({ waiting }, at) {
    const [packet] = waiting.splice(at, 1)
    this.#waitingBytes -= packet.length
    return packet
  }
}

module.exports = { RtpRelay }
