'use strict'

/**
 * Reads NUT, FFmpeg's own container, from a pipe: pictures and sound with their time. What is large is read to where it belongs, uncopied.
 *
 * The format: https://github.com/FFmpeg/FFmpeg/blob/master/libavformat/nutdec.c and https://ffmpeg.org/~michael/nut.txt
 */

const { Cursor, NeedsMore } = require('./nut-cursor')

const FILE_ID = Buffer.from('nut/multimedia container\0')
const STARTCODE = { main: 0x4e4d7a561f5f04adn, stream: 0x4e5311405bf2f9dbn, syncpoint: 0x4e4be4adeeca4569n }
const FIRST_BYTE_OF_STARTCODES = 0x4e
const LARGE_PACKET_BYTES = 4096
const FLAG = {
  CODED_PTS: 8,
  STREAM_ID: 16,
  SIZE_MSB: 32,
  CHECKSUM: 64,
  RESERVED: 128,
  SIDE_DATA: 256,
  HEADER_INDEX: 1024,
  MATCH_TIME: 2048,
  CODED_FLAGS: 4096,
  INVALID: 8192
}
const KINDS = ['picture', 'sound']
const NO_SPACE = new Uint8Array(0)

/** What comes is no NUT, or one that FFmpeg does not write for raw pictures and sound. */
class WrongNut extends Error {
  constructor (message) {
    super(`The ingest's stream cannot be read: ${message}`)
    this.name = 'WrongNut'
  }
}

class NutReader {
  #take
  #onStreams
  #onFrame
  #begun = false
  #kept = Buffer.alloc(0)
  #payload = null
  #codes = []
  #timeBases = []
  #elided = [Buffer.alloc(0)]
  #streams = []
  #told = false
  #broadcast = false

  /**
   * @param {object} told
   * @param {(streams: object[]) => void} told.onStreams once, before the first frame: kind (`picture`, `sound`), width, height,
   *   timeBase ({numerator, denominator} s)
   * @param {(stream: object, bytes: number) => Uint8Array} told.take gives the memory that a frame is copied to, as long
   * @param {(stream: object, pts: number, memory: Uint8Array) => void} told.onFrame pts in the stream's time base
   */
  constructor ({ onStreams, take, onFrame }) {
    this.#onStreams = onStreams
    this.#take = take
    this.#onFrame = onFrame
  }

  /**
   * Read what has come; the bytes may be overwritten after it.
   *
   * @param {Buffer} bytes
   * @throws {WrongNut}
   */
  feed (bytes) {
    let at = 0
    while (at < bytes.length) {
      if (this.#payload) {
        at = this.#copyPayload(bytes, at)
        continue
      }
      const joined = this.#kept.length > 0 ? Buffer.concat([this.#kept, bytes.subarray(at)]) : bytes.subarray(at)
      const cursor = new Cursor(joined, 0)
      try {
        this.#readHeader(cursor)
      } catch (error) {
        if (!(error instanceof NeedsMore)) throw error
        this.#kept = Buffer.from(joined)
        return
      }
      at += cursor.at - this.#kept.length
      this.#kept = Buffer.alloc(0)
    }
  }

  /** Where what comes next belongs, so that it can be read to there; empty where it has to be looked at first. */
  get space () {
    return this.#payload === null ? NO_SPACE : this.#payload.memory.subarray(this.#payload.filled)
  }

  /** So many bytes of `space` have come. */
  filled (count) {
    const { stream, pts, memory } = this.#payload
    this.#payload.filled += count
    if (this.#payload.filled < memory.length) return
    this.#payload = null
    this.#onFrame(stream, pts, memory)
  }

  #copyPayload (bytes, at) {
    const { space } = this
    const count = Math.min(bytes.length - at, space.length)
    space.set(bytes.subarray(at, at + count))
    this.filled(count)
    return at + count
  }

  #readHeader (cursor) {
    if (!this.#begun) {
      const id = cursor.bytes.subarray(cursor.skip(FILE_ID.length), cursor.at)
      if (!id.equals(FILE_ID)) throw new WrongNut('it does not begin as NUT does')
      this.#begun = true
    } else if (cursor.bytes[cursor.at] === FIRST_BYTE_OF_STARTCODES) this.#readPacket(cursor)
    else this.#readFrame(cursor)
  }

  #readPacket (cursor) {
    const startcode = cursor.bytes.readBigUInt64BE(cursor.skip(8))
    const length = cursor.number()
    if (length > LARGE_PACKET_BYTES) cursor.skip(4)
    const packet = new Cursor(cursor.bytes.subarray(cursor.skip(length), cursor.at), 0)
    if (startcode === STARTCODE.main) this.#readMain(packet)
    else if (startcode === STARTCODE.stream) this.#readStream(packet)
    else if (startcode === STARTCODE.syncpoint) this.#readSyncpoint(packet)
  }

  #readMain (packet) {
    const version = packet.number()
    if (version > 3) packet.number()
    packet.number()
    packet.number()
    this.#timeBases = Array.from({ length: packet.number() }, () => ({ numerator: packet.number(), denominator: packet.number() }))
    this.#codes = readFrameCodes(packet)
    this.#elided = [Buffer.alloc(0)]
    for (let left = packet.number(); left > 0; left--) this.#elided.push(Buffer.from(packet.blob()))
    this.#broadcast = version > 3 && (packet.number() & 1) !== 0
  }

  #readStream (packet) {
    const number = packet.number()
    const kind = KINDS[packet.number()]
    packet.blob()
    const timeBase = this.#timeBases[packet.number()]
    const stream = { kind, timeBase, shift: packet.number(), last: 0 }
    packet.number()
    packet.number()
    packet.number()
    packet.blob()
    if (kind === 'picture') Object.assign(stream, { width: packet.number(), height: packet.number() })
    this.#streams[number] = stream
  }

  #readSyncpoint (packet) {
    const coded = packet.number()
    const { numerator, denominator } = this.#timeBases[coded % this.#timeBases.length]
    const seconds = Math.floor(coded / this.#timeBases.length) * numerator / denominator
    for (const stream of this.#streams) {
      stream.last = Math.floor(seconds * stream.timeBase.denominator / stream.timeBase.numerator + 1e-6)
    }
  }

  #readFrame (cursor) {
    const code = this.#codes[cursor.byte()]
    if (!code || code.flags & FLAG.INVALID) throw new WrongNut('a frame begins with a code that means nothing')
    const flags = code.flags & FLAG.CODED_FLAGS ? code.flags ^ cursor.number() : code.flags
    if (flags & FLAG.SIDE_DATA) throw new WrongNut('a frame has side data')
    const stream = this.#streams[flags & FLAG.STREAM_ID ? cursor.number() : code.stream]
    if (!stream) throw new WrongNut('a frame belongs to no stream')
    const pts = flags & FLAG.CODED_PTS ? wholePts(stream, cursor.number()) : stream.last + code.ptsDelta
    let size = code.sizeLsb + (flags & FLAG.SIZE_MSB ? code.sizeMultiplier * cursor.number() : 0)
    if (flags & FLAG.MATCH_TIME) cursor.signed()
    const elided = this.#elided[flags & FLAG.HEADER_INDEX ? cursor.number() : code.headerIndex]
    for (let left = flags & FLAG.RESERVED ? cursor.number() : code.reserved; left > 0; left--) cursor.number()
    if (flags & FLAG.CHECKSUM) cursor.skip(4)
    if (!this.#told) {
      this.#told = true
      this.#onStreams(this.#streams)
    }
    stream.last = pts
    const memory = this.#take(stream, size)
    memory.set(elided)
    size -= elided.length
    if (size > 0) this.#payload = { stream, pts, memory, filled: elided.length }
    else this.#onFrame(stream, pts, memory)
  }
}

/** The 256 codes that a frame may begin with, and what each says of it. */
function readFrameCodes (packet) {
  const codes = []
  let [ptsDelta, sizeMultiplier, stream, headerIndex] = [0, 1, 0, 0]
  while (codes.length < 256) {
    const flags = packet.number()
    const fields = packet.number()
    if (fields > 0) ptsDelta = packet.signed()
    if (fields > 1) sizeMultiplier = packet.number()
    if (fields > 2) stream = packet.number()
    const size = fields > 3 ? packet.number() : 0
    const reserved = fields > 4 ? packet.number() : 0
    const count = fields > 5 ? packet.number() : sizeMultiplier - size
    if (fields > 6) packet.signed()
    if (fields > 7) headerIndex = packet.number()
    for (let left = fields - 8; left > 0; left--) packet.number()
    for (let number = 0; number < count && codes.length < 256; number++) {
      if (codes.length === FIRST_BYTE_OF_STARTCODES) codes.push({ flags: FLAG.INVALID })
      codes.push({ flags, ptsDelta, stream, sizeMultiplier, sizeLsb: size + number, reserved, headerIndex })
    }
  }
  return codes
}

/** A time of which only the last bits may be written, near the one before. */
function wholePts (stream, coded) {
  const span = 2 ** stream.shift
  if (coded >= span) return coded - span
  const least = stream.last - Math.floor((span - 1) / 2)
  return least + (((coded - least) % span) + span) % span
}

module.exports = { NutReader, WrongNut }
