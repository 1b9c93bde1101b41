'use strict'

/** RTMP's messages in chunks: https://rtmp.veriskope.com/docs/spec/ part 5.3. */

const FIRST_CHUNK_BYTES = 128
const HEADER_BYTES = [11, 7, 3, 0]
const EXTENDED = 0xffffff
const MOST_STREAMS = 64
const TYPE = { setChunkSize: 1, abort: 2, acknowledgement: 3, userControl: 4, windowSize: 5, peerBandwidth: 6, audio: 8, video: 9, data: 18, command: 20 }

/** What comes is no RTMP, or more of it than is taken. */
class WrongRtmp extends Error {}

/** Puts the messages of one connection together. */
class ChunkReader {
  /** Longer messages are refused. */
  mostBytes
  #onMessage
  #kept = Buffer.alloc(0)
  #chunkBytes = FIRST_CHUNK_BYTES
  #streams = new Map()

  /**
   * @param {(message: {type: number, streamId: number, timestamp: number, payload: Buffer}) => void} onMessage timestamp in ms
   * @param {number} mostBytes
   */
  constructor (onMessage, mostBytes) {
    this.#onMessage = onMessage
    this.mostBytes = mostBytes
  }

  /** @throws {WrongRtmp} */
  feed (bytes) {
    this.#kept = this.#kept.length > 0 ? Buffer.concat([this.#kept, bytes]) : bytes
    let at = 0
    for (let used; (used = this.#readChunk(this.#kept.subarray(at))) > 0;) at += used
    this.#kept = Buffer.from(this.#kept.subarray(at))
  }

  /** @returns {number} bytes of the chunk; 0 when it is not whole */
  #readChunk (bytes) {
    if (bytes.length === 0) return 0
    const format = bytes[0] >> 6
    let [id, at] = [bytes[0] & 63, 1]
    const idBytes = id < 2 ? id + 1 : 0
    if (bytes.length < at + idBytes + HEADER_BYTES[format]) return 0
    if (idBytes > 0) [id, at] = [bytes.readUIntLE(1, idBytes) + 64, at + idBytes]
    const before = this.#streams.get(id)
    if (!before && format !== 0) throw new WrongRtmp('a chunk goes on with what has not begun')
    const header = { ...(before ?? { filled: 0 }) }
    let time = format < 3 ? bytes.readUIntBE(at, 3) : header.time
    if (format < 2) Object.assign(header, { length: bytes.readUIntBE(at + 3, 3), type: bytes[at + 6] })
    if (format === 0) header.streamId = bytes.readUInt32LE(at + 7)
    at += HEADER_BYTES[format]
    const isExtended = format < 3 ? time === EXTENDED : header.isExtended
    if (isExtended) {
      if (bytes.length < at + 4) return 0
      time = bytes.readUInt32BE(at)
      at += 4
    }
    const isNew = header.filled === 0
    if (format < 3 && !isNew) throw new WrongRtmp('a message begins within another')
    if (header.length > this.mostBytes) throw new WrongRtmp(`a message has ${header.length} bytes, more than ${this.mostBytes}`)
    const count = Math.min(this.#chunkBytes, header.length - header.filled)
    if (bytes.length < at + count) return 0
    if (isNew) {
      // 5.3.1.2.4: after a chunk with the whole time, one without a header takes that time for the difference.
      const timestamp = (format === 0 ? time : header.timestamp + time) >>> 0
      Object.assign(header, { time, isExtended, timestamp, payload: Buffer.allocUnsafe(header.length) })
    }
    bytes.copy(header.payload, header.filled, at, at + count)
    header.filled += count
    if (!before && this.#streams.size >= MOST_STREAMS) throw new WrongRtmp('too many chunk streams')
    this.#streams.set(id, header)
    if (header.filled === header.length) this.#whole(header)
    return at + count
  }

  #whole (header) {
    header.filled = 0
    const { type, payload, streamId, timestamp } = header
    if (type === TYPE.setChunkSize) {
      const size = payload.length >= 4 ? payload.readUInt32BE(0) & 0x7fffffff : 0
      if (size < 1) throw new WrongRtmp('chunks of no bytes')
      this.#chunkBytes = size
    } else if (type === TYPE.abort) {
      const aborted = payload.length >= 4 && this.#streams.get(payload.readUInt32BE(0))
      if (aborted) aborted.filled = 0
    } else this.#onMessage({ type, streamId, timestamp, payload })
  }
}

/**
 * A message in chunks.
 *
 * @param {object} message `type`, `payload`, `streamId`, `chunkStream`, `timestamp` (ms)
 * @param {number} [chunkBytes] as both ends have agreed on
 * @returns {Buffer}
 */
function encodeMessage ({ type, payload, streamId = 0, chunkStream = 3, timestamp = 0 }, chunkBytes = FIRST_CHUNK_BYTES) {
  const header = Buffer.alloc(12)
  header[0] = chunkStream
  header.writeUIntBE(Math.min(timestamp, EXTENDED), 1, 3)
  header.writeUIntBE(payload.length, 4, 3)
  header[7] = type
  header.writeUInt32LE(streamId, 8)
  // 5.3.1.3: a long time follows the header of every chunk of the message.
  const time = Buffer.alloc(timestamp >= EXTENDED ? 4 : 0)
  if (time.length > 0) time.writeUInt32BE(timestamp)
  const parts = [header, time]
  for (let at = 0; at < payload.length || at === 0; at += chunkBytes) {
    if (at > 0) parts.push(Buffer.from([0xc0 | chunkStream]), time)
    parts.push(payload.subarray(at, at + chunkBytes))
  }
  return Buffer.concat(parts)
}

module.exports = { ChunkReader, encodeMessage, TYPE, WrongRtmp }
