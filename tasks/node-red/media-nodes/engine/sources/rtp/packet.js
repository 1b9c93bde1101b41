'use strict'

const HEADER_BYTES = 12
/** Packets of RTCP on the port of RTP are told by these types: https://www.rfc-editor.org/rfc/rfc5761#section-4 */
const [FIRST_RTCP, LAST_RTCP] = [192, 223]

/**
 * A packet of RTP (RFC 3550).
 *
 * @param {Buffer} datagram
 * @returns {{payload: Buffer, payloadType: number, ssrc: number, sequence: number}|null} null for what is none
 */
function readPacket (datagram) {
  if (datagram.length < HEADER_BYTES || datagram[0] >> 6 !== 2) return null
  let from = HEADER_BYTES + 4 * (datagram[0] & 15)
  if (datagram[0] & 0x10) {
    if (datagram.length < from + 4) return null
    from += 4 + 4 * datagram.readUInt16BE(from + 2)
  }
  const padding = datagram[0] & 0x20 ? datagram.at(-1) : 0
  return {
    payload: datagram.subarray(from, Math.max(from, datagram.length - padding)),
    payloadType: datagram[1] & 0x7f,
    ssrc: datagram.readUInt32BE(8),
    sequence: datagram.readUInt16BE(2)
  }
}

/** Whose report a packet of RTCP is, by its SSRC; null for what is none. */
function reporterOf (datagram) {
  const isReport = datagram.length >= 8 && datagram[0] >> 6 === 2 && datagram[1] >= FIRST_RTCP && datagram[1] <= LAST_RTCP
  return isReport ? datagram.readUInt32BE(4) : null
}

/** Counts the packets of one stream that never came. */
class LossCount {
  lost = 0
  #sequence = null

  /** The next packet belongs to another stream. */
  begin () {
    this.#sequence = null
  }

  add (sequence) {
    const missing = this.#sequence === null ? 0 : (sequence - this.#sequence - 1) & 0xffff
    // Half the circle away means late, not lost.
    if (missing < 0x8000) {
      this.lost += missing
      this.#sequence = sequence
    } else this.lost = Math.max(0, this.lost - 1)
  }
}

module.exports = { LossCount, readPacket, reporterOf }
