'use strict'

const { execFileSync, spawn, spawnSync } = require('node:child_process')
const { PACKET_BYTES } = require('../../../tasks/node-red/media-nodes/engine/outputs/transport-stream')
const { PictureFormat } = require('../../../tasks/node-red/media-nodes/engine/pictures/picture-format')
const { NutReader } = require('../../../tasks/node-red/media-nodes/engine/sources/ingest/nut-reader')
const { readCode, ROW_HEIGHT } = require('../../../tasks/node-red/media-nodes/test-support/measuring/bar-code')

/** A transport stream's packet begins so; a packetised elementary stream of pictures so, and its times count so many a second. */
const [SYNC, PICTURES, CLOCK] = [0x47, 0x1e0, 90_000]

/** Keeps what comes of a transport stream and when. What is in it is looked at afterwards: to decode takes of the computer what is to be measured. */
class Capture {
  #pieces = []

  write (bytes) {
    this.#pieces.push({ bytes, at: performance.now() })
  }

  /** Each number of row `one`, and when (ms) its picture began to come. */
  seenNumbers (ffmpegPath, format) {
    const beginnings = new Map(this.#beginnings())
    const strip = new PictureFormat({ width: format.width, height: ROW_HEIGHT, frameRate: format.told.frameRate })
    const nut = execFileSync(ffmpegPath, [
      '-v', 'quiet', '-copyts', '-f', 'mpegts', '-i', 'pipe:0', '-map', '0:v:0', '-vf', `crop=${format.width}:${ROW_HEIGHT}:0:0`, '-fps_mode', 'passthrough',
      '-enc_time_base:v', 'demux', '-pix_fmt', 'gray', '-c:v', 'rawvideo', '-f', 'nut', '-write_index', '0', 'pipe:1'
    ], { input: Buffer.concat(this.#pieces.map(({ bytes }) => bytes)), maxBuffer: 2e9 })
    const seen = []
    new NutReader({
      onStreams: () => {},
      take: (_, size) => Buffer.alloc(size),
      onFrame: ({ timeBase }, pts, memory) => {
        const number = readCode(memory, strip, 'one')
        const at = beginnings.get(Math.round(pts * timeBase.numerator / timeBase.denominator * CLOCK))
        if (number !== null && at !== undefined) seen.push({ number, at })
      }
    }).feed(nut)
    return seen
  }

  /** The presentation time (90 kHz) of each picture, and when its first packet came: ISO/IEC 13818-1, 2.4.3.2 and 2.4.3.7. */
  * #beginnings () {
    let rest = Buffer.alloc(0)
    for (const { bytes, at } of this.#pieces) {
      let packet = Buffer.concat([rest, bytes])
      while (packet.length >= PACKET_BYTES && (packet[0] !== SYNC || (packet.length > PACKET_BYTES && packet[PACKET_BYTES] !== SYNC))) packet = packet.subarray(1)
      for (; packet.length >= PACKET_BYTES; packet = packet.subarray(PACKET_BYTES)) {
        const payload = packet.subarray(4 + ((packet[3] & 0x20) ? packet[4] + 1 : 0), PACKET_BYTES)
        const isBeginning = (packet[1] & 0x40) !== 0 && payload.length >= 14 && payload.readUInt32BE(0) === PICTURES
        if (isBeginning) yield [((payload[9] >> 1) & 7) * 2 ** 30 + ((payload.readUInt16BE(10) >> 1) << 15) + (payload.readUInt16BE(12) >> 1), at]
      }
      rest = packet
    }
  }
}

/** So much of a link tells how it is coded. */
const ENOUGH_BYTES = 500_000

/** Receives the link and copies it: without somebody who listens nothing is sent. */
class LinkReceiver {
  bytes = 0
  #first = []
  #ffmpegPath
  /** Told of each piece that comes, when set. */
  onBytes = null

  constructor (ffmpegPath, port) {
    this.#ffmpegPath = ffmpegPath
    this.process = spawn(ffmpegPath, [
      '-v', 'quiet', '-nostdin', '-fflags', '+nobuffer', '-analyzeduration', '300000', '-probesize', '500000', '-f', 'mpegts',
      '-i', `srt://127.0.0.1:${port}?mode=caller&latency=120000&connect_timeout=20000`, '-map', '0', '-c', 'copy', '-flush_packets', '1', '-f', 'mpegts', 'pipe:1'
    ], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.process.stdout.on('data', (bytes) => {
      if (!this.isArriving) this.#first.push(bytes)
      this.bytes += bytes.length
      this.onBytes?.(bytes)
    })
    this.ended = new Promise((resolve) => this.process.on('close', resolve))
  }

  get isArriving () {
    return this.bytes >= ENOUGH_BYTES
  }

  /** What FFmpeg says of its pictures and its sound. */
  get coding () {
    const { stderr } = spawnSync(this.#ffmpegPath, ['-hide_banner', '-f', 'mpegts', '-i', 'pipe:0'], { input: Buffer.concat(this.#first), encoding: 'utf8' })
    const streams = Array.from(stderr.matchAll(/(Video|Audio): .*/g), ([line]) => line.replace(/(?<=\d{2,}x\d{2,}).*|, start .*/, ''))
    return streams.sort().join('; ')
  }

  async end () {
    this.process.kill('SIGKILL')
    await this.ended
  }
}

/** The median of how much later (ms) numbers are seen in one stream than in another. They go round: it is the next time that counts. */
function medianDelay (source, programme) {
  const delays = programme.flatMap(({ number, at }) => {
    const sent = source.findLast((one) => one.number === number && one.at <= at)
    return sent ? [at - sent.at] : []
  })
  return delays.length > 0 ? delays.sort((a, b) => a - b)[delays.length >> 1] : NaN
}

module.exports = { Capture, LinkReceiver, medianDelay }
