'use strict'

/** MPEG transport stream packets (ISO/IEC 13818-1, 2.4.3): 188 bytes that begin with 0x47. */
const PACKET_BYTES = 188
const SYNC = 0x47
const PAT_PID = 0

function pidOf (packet) {
  return packet.readUInt16BE(1) & 0x1fff
}

/** Whether a decoder can begin with this packet: its adaptation field's random_access_indicator. */
function isEntry (packet) {
  return (packet[3] & 0x20) !== 0 && packet[4] > 0 && (packet[5] & 0x40) !== 0
}

/** Where a table begins in a packet: after the adaptation field and the pointer field. */
function tableOf (packet) {
  const payload = 4 + ((packet[3] & 0x20) ? packet[4] + 1 : 0)
  return payload + 1 + packet[payload]
}

/** The PID of the programme map, as the PAT (one programme) says. */
function mapPidOf (packet) {
  return packet.readUInt16BE(tableOf(packet) + 10) & 0x1fff
}

/** stream_type of pictures: MPEG-1, MPEG-2, MPEG-4 part 2, H.264, HEVC, VVC (ISO/IEC 13818-1, table 2-34). */
const PICTURES = new Set([0x01, 0x02, 0x10, 0x1b, 0x24, 0x33])
const CRC_BYTES = 4

/** The PID of the pictures: the first such stream of the programme map; null without one. */
function picturePidOf (packet) {
  const table = tableOf(packet)
  const end = table + 3 + (packet.readUInt16BE(table + 1) & 0x0fff) - CRC_BYTES
  for (let at = table + 12 + (packet.readUInt16BE(table + 10) & 0x0fff); at < end; at += 5 + (packet.readUInt16BE(at + 3) & 0x0fff)) {
    if (PICTURES.has(packet[at])) return packet.readUInt16BE(at + 1) & 0x1fff
  }
  return null
}

/** What comes is no transport stream. */
class NoTransportStream extends Error {
  constructor () {
    super(`a packet of the transport stream does not begin with 0x${SYNC.toString(16)}`)
    this.name = 'NoTransportStream'
  }
}

/**
 * Cuts a transport stream, as it comes, where a decoder can begin: before the packets of a key picture, with the tables first.
 *
 * Keeps the newest groups, each from one such place to the next, for an output that begins between two.
 */
class EntryPoints {
  #rest = Buffer.alloc(0)
  #tables = new Map()
  #mapPid = null
  #picturePid = null
  #groups = []
  #mostBytes
  #mostGroups

  /**
   * @param {number} mostBytes that are kept; more since one key picture, and nothing is kept until the next
   * @param {number} [mostGroups] that are kept
   */
  constructor (mostBytes, mostGroups = 1) {
    this.#mostBytes = mostBytes
    this.#mostGroups = mostGroups
  }

  /** @returns {{bytes: Buffer, isEntry: boolean}[]} whole packets; an entry begins with the tables */
  feed (bytes) {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    const whole = all.length - all.length % PACKET_BYTES
    const pieces = []
    let from = 0
    for (let at = 0; at < whole; at += PACKET_BYTES) {
      const packet = all.subarray(at, at + PACKET_BYTES)
      if (packet[0] !== SYNC) throw new NoTransportStream()
      if (!this.#learn(packet)) continue
      if (at > from) pieces.push({ bytes: all.subarray(from, at), isEntry: false })
      pieces.push({ bytes: Buffer.concat([...this.#tables.values()]), isEntry: true })
      from = at
    }
    if (whole > from) pieces.push({ bytes: all.subarray(from, whole), isEntry: false })
    this.#rest = Buffer.from(all.subarray(whole))
    for (const piece of pieces) this.#keep(piece)
    return pieces
  }

  /** What an output that begins now has to be given first, so many groups back; null before there was a key picture. */
  sinceEntry (groups = 1) {
    return this.#groups.length > 0 ? Buffer.concat(this.#groups.slice(-groups).flatMap(({ pieces }) => pieces)) : null
  }

  #learn (packet) {
    const pid = pidOf(packet)
    if (pid === PAT_PID) {
      this.#mapPid = mapPidOf(packet)
      this.#tables.set(pid, Buffer.from(packet))
    } else if (pid === this.#mapPid) {
      this.#picturePid = picturePidOf(packet)
      this.#tables.set(pid, Buffer.from(packet))
    }
    return pid === this.#picturePid && isEntry(packet)
  }

  #keep ({ bytes, isEntry: begins }) {
    if (begins) this.#groups.push({ pieces: [], bytes: 0 })
    const newest = this.#groups.at(-1)
    if (!newest) return
    newest.pieces.push(bytes)
    newest.bytes += bytes.length
    while (this.#groups.length > this.#mostGroups || this.#groups.reduce((sum, group) => sum + group.bytes, 0) > this.#mostBytes) this.#groups.shift()
  }
}

module.exports = { EntryPoints, NoTransportStream, PACKET_BYTES }
