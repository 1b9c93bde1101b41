'use strict'

const { LossCount, readPacket } = require('../rtp/packet')
const { UdpPort } = require('../rtp/udp-port')
const { SilenceWatch } = require('./silence-watch')
const { TransportFeed, PACKET_BYTES } = require('./transport-feed')

/** A sender that gives nothing for so long is gone. */
const SILENT_MS = 1500
/** After so long without a packet another sender may have the port. */
const TAKEN_MS = 200
const SYNC = 0x47

/** Receives MPEG-TS in RTP (RFC 2250), or in plain UDP; counts the packets that never came. */
class RtpFeed extends TransportFeed {
  strangePackets = 0
  #port
  #loss = new LossCount()
  #sender = null
  #silence

  /** @param {object} source `address`, `port` */
  constructor (source, time) {
    super(time)
    this.#port = new UdpPort(source, time)
    this.#port.on('datagram', (datagram, from) => this.#datagram(datagram, from))
    this.#port.on('trouble', (text, reason) => this.emit('trouble', text, reason))
    this.#silence = new SilenceWatch(() => this.bytes, time)
  }

  start () {
    this.#port.open()
    this.#silence.begin([SILENT_MS, () => this.#silent()])
  }

  async stop () {
    this.#silence.end()
    this.#port.close()
  }

  get figures () {
    return { ...super.figures, lostPackets: this.#loss.lost, strangePackets: this.strangePackets }
  }

  #silent () {
    if (this.#sender === null) return
    this.#sender = null
    this.emit('gone', `nothing came for ${SILENT_MS / 1000} s. See whether the sender sends.`)
  }

  #datagram (datagram, { address, port }) {
    const { payload, ssrc, sequence } = datagram[0] === SYNC ? { payload: datagram } : readPacket(datagram) ?? {}
    if (!payload || payload.length === 0 || payload.length % PACKET_BYTES !== 0 || payload[0] !== SYNC) {
      this.strangePackets += 1
      return
    }
    const sender = ssrc === undefined ? `${address}:${port}` : `ssrc ${ssrc}`
    if (this.#sender !== sender) {
      // Another one has to wait until this one is silent.
      if (this.#sender !== null && this.silentMs < TAKEN_MS) {
        this.strangePackets += 1
        return
      }
      this.#sender = sender
      this.#loss.begin()
      this.began()
    }
    if (sequence !== undefined) this.#loss.add(sequence)
    this.received(payload)
  }
}

module.exports = { RtpFeed, SILENT_MS, TAKEN_MS }
