'use strict'

/** FLV, which is RTMP's messages one after the other: https://veovera.org/docs/enhanced/enhanced-rtmp-v2 */

const FLV_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0])
const TAG = { audio: 8, video: 9, data: 18 }
const [KEY_PICTURE, AVC, AAC, ENHANCED_AUDIO] = [1, 7, 10, 9]

/** A message as a tag of FLV. */
function flvTag ({ type, timestamp, payload }) {
  const tag = Buffer.allocUnsafe(11 + payload.length + 4)
  tag[0] = type
  tag.writeUIntBE(payload.length, 1, 3)
  tag.writeUIntBE(timestamp & 0xffffff, 4, 3)
  tag[7] = timestamp >>> 24
  tag.writeUIntBE(0, 8, 3)
  payload.copy(tag, 11)
  tag.writeUInt32BE(11 + payload.length, 11 + payload.length)
  return tag
}

/** What comes is no FLV. */
class NoFlv extends Error {}

const TAG_HEADER_BYTES = 11
/** Each tag is followed by its length. */
const LENGTH_BYTES = 4

/** Takes an FLV apart, as it comes, into RTMP's messages: `type`, `timestamp` (ms), `payload`. */
class FlvReader {
  #kept = Buffer.alloc(0)
  #hasBegun = false

  /** @throws {NoFlv} */
  feed (bytes) {
    this.#kept = Buffer.concat([this.#kept, bytes])
    let at = 0
    if (!this.#hasBegun) {
      if (this.#kept.length < FLV_HEADER.length) return []
      if (this.#kept.toString('latin1', 0, 3) !== 'FLV') throw new NoFlv('what comes does not begin with FLV')
      this.#hasBegun = true
      at = FLV_HEADER.length
    }
    const messages = []
    for (;;) {
      const left = this.#kept.length - at
      if (left < TAG_HEADER_BYTES) break
      const length = this.#kept.readUIntBE(at + 1, 3)
      const whole = TAG_HEADER_BYTES + length + LENGTH_BYTES
      if (left < whole) break
      const timestamp = this.#kept.readUIntBE(at + 4, 3) + this.#kept[at + 7] * 2 ** 24
      messages.push({ type: this.#kept[at], timestamp, payload: Buffer.from(this.#kept.subarray(at + TAG_HEADER_BYTES, at + TAG_HEADER_BYTES + length)) })
      at += whole
    }
    this.#kept = this.#kept.subarray(at)
    return messages
  }
}

/** Whether a decoder needs this message before any other of its kind: its stream's configuration. */
function isConfiguration ({ type, payload }) {
  if (payload.length < 2) return false
  if (type === TAG.video) return payload[0] & 0x80 ? (payload[0] & 15) === 0 : (payload[0] & 15) === AVC && payload[1] === 0
  if (type === TAG.audio) return payload[0] >> 4 === ENHANCED_AUDIO ? (payload[0] & 15) === 0 : payload[0] >> 4 === AAC && payload[1] === 0
  return type === TAG.data
}

/** Whether a decoder can begin with this picture. */
function isKeyPicture ({ type, payload }) {
  return type === TAG.video && payload.length > 1 && ((payload[0] >> 4) & 7) === KEY_PICTURE
}

module.exports = { FLV_HEADER, FlvReader, NoFlv, TAG, flvTag, isConfiguration, isKeyPicture }
