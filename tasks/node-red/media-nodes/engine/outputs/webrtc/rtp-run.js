'use strict'

/** Of an RTP packet (RFC 3550, 5.1): where its number and its timestamp stand. */
const [SEQUENCE_AT, TIMESTAMP_AT] = [2, 4]
/** Types of H.264 units (RFC 6184, 5.2): a parameter set, and a packet of several units. */
const [PARAMETERS, SEVERAL] = [7, 24]
const HEADER_BYTES = 12

/** Whether a decoder can begin with a packet of H.264: the encoder puts its parameters before each key picture. */
function isEntry (packet) {
  const type = packet[HEADER_BYTES] & 0x1f
  // The first of several units begins after the packet's own header and the unit's size.
  return type === PARAMETERS || (type === SEVERAL && (packet[HEADER_BYTES + 3] & 0x1f) === PARAMETERS)
}

/**
 * Lets the packets of one sender after another be one stream: numbers and timestamps run on, or a browser's picture stands still for seconds.
 */
class RtpRun {
  #clockRate
  #now
  #last = null
  #offset = null

  /**
   * @param {number} clockRate of its timestamps, Hz
   * @param {() => number} now ms, monotonic
   */
  constructor (clockRate, now) {
    this.#clockRate = clockRate
    this.#now = now
  }

  /** Another sender begins. */
  begin () {
    this.#offset = null
  }

  /** @returns {Buffer} the packet as one of the stream */
  follow (packet) {
    const [sequence, timestamp] = [packet.readUInt16BE(SEQUENCE_AT), packet.readUInt32BE(TIMESTAMP_AT)]
    this.#offset ??= this.#offsetOf(sequence, timestamp)
    const followed = Buffer.from(packet)
    const next = { sequence: (sequence + this.#offset.sequence) & 0xffff, timestamp: (timestamp + this.#offset.timestamp) >>> 0, at: this.#now() }
    followed.writeUInt16BE(next.sequence, SEQUENCE_AT)
    followed.writeUInt32BE(next.timestamp, TIMESTAMP_AT)
    this.#last = next
    return followed
  }

  #offsetOf (sequence, timestamp) {
    if (this.#last === null) return { sequence: 0, timestamp: 0 }
    const passed = Math.max(1, Math.round((this.#now() - this.#last.at) * this.#clockRate / 1000))
    return { sequence: this.#last.sequence + 1 - sequence, timestamp: this.#last.timestamp + passed - timestamp }
  }
}

module.exports = { RtpRun, isEntry }
