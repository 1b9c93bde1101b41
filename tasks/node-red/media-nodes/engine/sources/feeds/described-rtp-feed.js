'use strict'

const { EventEmitter } = require('node:events')
const { LossCount, readPacket, reporterOf } = require('../rtp/packet')
const { readDescription } = require('../rtp/session-description')
const { RtpRelay } = require('../rtp/rtp-relay')
const { UdpPort } = require('../rtp/udp-port')
const { SILENT_MS, TAKEN_MS } = require('./rtp-feed')
const { SilenceWatch } = require('./silence-watch')

const ARRIVING_MS = 1000
/** Reports that come before the first packet of their stream, so many, are kept: pictures and sound belong together by them. */
const MOST_EARLY_REPORTS = 8
/** After so long (ms) a stream that is described and not there is done without: FFmpeg would wait for it and give nothing. */
const OTHERS_MS = 500

/**
 * Receives the streams of a session description (SDP), pictures and sound at one port: they are told apart by their payload types, and reports of
 * RTCP come to the same port (RFC 5761). What it gives as `bytes` is a packet each, for a relay. A stream that comes later makes it begin anew.
 */
class DescribedRtpFeed extends EventEmitter {
  #media
  #port
  #time
  #silence
  #figures = { senders: 0, bytes: 0, strangePackets: 0 }
  #loss
  #sender = null
  #streams = new Map()
  #earlyReports = new Map()
  /** What came before it was known which streams there are; null once that is known. */
  #kept = null
  #timer = null
  #lastAt = -Infinity

  /**
   * @param {object} source `address`, `port`, `sdp` of which `readDescription` takes
   * @param {object} time
   */
  constructor (source, time) {
    super()
    this.#media = readDescription(source.sdp)
    this.#loss = new Map(this.#media.map(({ payloadType }) => [payloadType, new LossCount()]))
    this.#time = time
    this.#port = new UdpPort(source, time)
    this.#port.on('datagram', (datagram, from) => this.#datagram(datagram, from))
    this.#port.on('trouble', (text, reason) => this.emit('trouble', text, reason))
    this.#silence = new SilenceWatch(() => this.#figures.bytes, time)
  }

  start () {
    this.#port.open()
    this.#silence.begin([SILENT_MS, () => this.#silent()])
  }

  async stop () {
    this.#silence.end()
    this.#time.clearTimeout(this.#timer)
    this.#port.close()
  }

  get isArriving () {
    return this.#time.now() - this.#lastAt < ARRIVING_MS
  }

  get figures () {
    const lostPackets = [...this.#loss.values()].reduce((sum, { lost }) => sum + lost, 0)
    return { ...this.#figures, lostPackets }
  }

  /** A decoder that begins waits for a key picture: where one begins is each encoding's own. */
  sinceEntry () {
    return []
  }

  /** What hands the packets to an FFmpeg, by a description in a file, of the streams that there are. */
  relayTo (file) {
    return new RtpRelay(this.#media.filter(({ payloadType }) => this.#streams.has(payloadType)), file, this.#time)
  }

  #silent () {
    if (this.#sender === null) return
    this.#sender = null
    this.#time.clearTimeout(this.#timer)
    this.emit('gone', `nothing came for ${SILENT_MS / 1000} s. See whether the sender sends.`)
  }

  #datagram (datagram, { address }) {
    const reporter = reporterOf(datagram)
    if (reporter !== null) return this.#report(datagram, reporter, address)
    const packet = readPacket(datagram)
    const known = this.#streams.size
    if (!packet || !this.#loss.has(packet.payloadType) || !this.#isSenders(packet, address)) {
      this.#figures.strangePackets += 1
      return
    }
    this.#lastAt = this.#time.now()
    this.#loss.get(packet.payloadType).add(packet.sequence)
    this.#give(datagram)
    const early = this.#earlyReports.get(packet.ssrc)
    this.#earlyReports.delete(packet.ssrc)
    if (early) this.#give(early)
    const isNew = this.#kept === null && this.#streams.size > known
    if (isNew || (this.#kept !== null && this.#streams.size === this.#media.length)) this.#begin()
  }

  /** It is known which streams there are. */
  #begin () {
    this.#time.clearTimeout(this.#timer)
    const kept = this.#kept ?? []
    this.#kept = null
    this.emit('begin')
    for (const datagram of kept) this.emit('bytes', datagram)
  }

  /** Whether a packet is of the sender that has the port; another one has to wait until this one is silent. */
  #isSenders ({ payloadType, ssrc }, address) {
    const now = this.#time.now()
    const stream = this.#streams.get(payloadType)
    const isKnown = this.#sender === address && (stream === undefined || stream.ssrc === ssrc)
    if (!isKnown) {
      const lastAt = this.#sender === address ? stream.lastAt : this.#lastAt
      if (this.#sender !== null && now - lastAt < TAKEN_MS) return false
      this.#sender = address
      this.#streams.clear()
      for (const loss of this.#loss.values()) loss.begin()
      this.#figures.senders += 1
      this.#kept = []
      this.#time.clearTimeout(this.#timer)
      this.#timer = this.#time.setTimeout(() => this.#begin(), OTHERS_MS)
    }
    this.#streams.set(payloadType, { ssrc, lastAt: now })
    return true
  }

  #report (datagram, reporter, address) {
    const isOfStream = [...this.#streams.values()].some(({ ssrc }) => ssrc === reporter)
    if (this.#sender === address && isOfStream) return this.#give(datagram)
    if (this.#earlyReports.size >= MOST_EARLY_REPORTS) this.#earlyReports.clear()
    this.#earlyReports.set(reporter, datagram)
  }

  #give (datagram) {
    this.#figures.bytes += datagram.length
    if (this.#kept === null) this.emit('bytes', datagram)
    else this.#kept.push(datagram)
  }
}

module.exports = { DescribedRtpFeed }
