'use strict'

const dgram = require('node:dgram')
const { SilenceWatch } = require('./silence-watch')
const { TransportFeed, PACKET_BYTES } = require('./transport-feed')

/** A sender that gives nothing for so long is gone. */
const SILENT_MS = 1500
/** After so long without a packet another sender may have the port. */
const TAKEN_MS = 200
const SYNC = 0x47
const HEADER_BYTES = 12
/** Asked of the kernel; it may give less. */
const RECEIVE_BYTES = 4_000_000
const AGAIN_MS = 1000

/** Receives MPEG-TS in RTP (RFC 2250), or in plain UDP; counts the packets that never came. */
class RtpFeed extends TransportFeed {
  lostPackets = 0
  strangePackets = 0
  #source
  #time
  #socket = null
  #timer = null
  #sender = null
  #sequence = null
  #silence

  /** @param {object} source `address`, `port` */
  constructor (source, time) {
    super(time)
    this.#source = source
    this.#time = time
    this.#silence = new SilenceWatch(() => this.bytes, time)
  }

  start () {
    const { address, port } = this.#source
    const socket = this.#socket = dgram.createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BYTES })
    socket.on('message', (datagram, from) => this.#datagram(datagram, from))
    socket.on('error', (error) => {
      const text = `port ${port} cannot be listened on. See whether something else has it. (${error.code ?? error.message})`
      this.emit('trouble', `SourceUnreachable: ${text}`, 'SourceUnreachable')
      this.#closeSocket()
      this.#timer = this.#time.setTimeout(() => this.start(), AGAIN_MS)
    })
    socket.bind(port, address)
    this.#silence.begin([SILENT_MS, () => this.#silent()])
  }

  async stop () {
    this.#closeSocket()
  }

  get figures () {
    return { ...super.figures, lostPackets: this.lostPackets, strangePackets: this.strangePackets }
  }

  #closeSocket () {
    this.#time.clearTimeout(this.#timer)
    this.#silence.end()
    const socket = this.#socket
    this.#socket = null
    socket?.removeAllListeners('message').close()
  }

  #silent () {
    if (this.#sender === null) return
    this.#sender = null
    this.emit('gone', `nothing came for ${SILENT_MS / 1000} s. See whether the sender sends.`)
  }

  #datagram (datagram, { address, port }) {
    const { payload, sender = `${address}:${port}`, sequence = null } = unpack(datagram) ?? {}
    if (!payload || payload.length === 0 || payload.length % PACKET_BYTES !== 0 || payload[0] !== SYNC) {
      this.strangePackets += 1
      return
    }
    if (this.#sender !== sender) {
      // Another one has to wait until this one is silent.
      if (this.#sender !== null && this.silentMs < TAKEN_MS) {
        this.strangePackets += 1
        return
      }
      this.#sender = sender
      this.#sequence = null
      this.began()
    }
    this.#count(sequence)
    this.received(payload)
  }

  #count (sequence) {
    if (sequence === null) return
    const missing = this.#sequence === null ? 0 : (sequence - this.#sequence - 1) & 0xffff
    // Half the circle away means late, not lost.
    if (missing < 0x8000) {
      this.lostPackets += missing
      this.#sequence = sequence
    } else this.lostPackets = Math.max(0, this.lostPackets - 1)
  }
}

/** The transport stream in a datagram; null for what is neither. */
function unpack (datagram) {
  if (datagram[0] === SYNC) return { payload: datagram }
  if (datagram.length < HEADER_BYTES || datagram[0] >> 6 !== 2) return null
  let from = HEADER_BYTES + 4 * (datagram[0] & 15)
  if (datagram[0] & 0x10) {
    if (datagram.length < from + 4) return null
    from += 4 + 4 * datagram.readUInt16BE(from + 2)
  }
  const padding = datagram[0] & 0x20 ? datagram.at(-1) : 0
  return {
    payload: datagram.subarray(from, Math.max(from, datagram.length - padding)),
    sender: `ssrc ${datagram.readUInt32BE(8)}`,
    sequence: datagram.readUInt16BE(2)
  }
}

module.exports = { RtpFeed }
