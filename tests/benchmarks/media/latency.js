'use strict'

const { spawn } = require('node:child_process')
const { PictureFormat } = require('../../../tasks/node-red/media-nodes/engine/pictures/picture-format')
const { readCode, ROW_HEIGHT } = require('../../../tasks/node-red/media-nodes/test-support/measuring/bar-code')

/** Reads the numbers of row `one` from a transport stream and notes when each was first seen (ms). */
class NumberReader {
  seen = new Map()
  #width

  constructor (ffmpegPath, format) {
    this.#width = format.width
    this.process = spawn(ffmpegPath, [
      '-v', 'quiet', '-fflags', '+nobuffer', '-flags', 'low_delay', '-analyzeduration', '300000', '-probesize', '500000', '-f', 'mpegts', '-i', 'pipe:0',
      '-map', '0:v:0', '-vf', `crop=${format.width}:${ROW_HEIGHT}:0:0`, '-fps_mode', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'
    ], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.process.stdin.on('error', () => {})
    const strip = new PictureFormat({ width: format.width, height: ROW_HEIGHT, frameRate: 25 })
    let rest = Buffer.alloc(0)
    this.process.stdout.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (; rest.length >= this.#width * ROW_HEIGHT; rest = rest.subarray(this.#width * ROW_HEIGHT)) {
        const number = readCode(rest, strip, 'one')
        if (number !== null) this.seen.set(number, performance.now())
      }
    })
    this.ended = new Promise((resolve) => this.process.on('close', resolve))
  }

  write (bytes) {
    this.process.stdin.write(bytes)
  }

  async end () {
    this.process.kill('SIGKILL')
    await this.ended
  }
}

/** Receives the link and copies it: without somebody who listens nothing is sent. */
class LinkReceiver {
  bytes = 0
  /** Told of each piece that comes, when set. */
  onBytes = null

  constructor (ffmpegPath, port) {
    this.process = spawn(ffmpegPath, [
      '-v', 'quiet', '-nostdin', '-fflags', '+nobuffer', '-analyzeduration', '300000', '-probesize', '500000', '-f', 'mpegts',
      '-i', `srt://127.0.0.1:${port}?mode=caller&latency=120000&connect_timeout=20000`, '-map', '0', '-c', 'copy', '-flush_packets', '1', '-f', 'mpegts', 'pipe:1'
    ], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.process.stdout.on('data', (bytes) => {
      this.bytes += bytes.length
      this.onBytes?.(bytes)
    })
    this.ended = new Promise((resolve) => this.process.on('close', resolve))
  }

  async end () {
    this.process.kill('SIGKILL')
    await this.ended
  }
}

/** The median of how much later (ms) numbers are seen by one reader than by another, once it has caught up. */
function medianDelay (source, programme) {
  const delays = [...programme.seen].filter(([number]) => source.seen.has(number)).map(([number, at]) => at - source.seen.get(number)).slice(-75)
  return delays.length > 0 ? delays.sort((a, b) => a - b)[delays.length >> 1] : NaN
}

module.exports = { LinkReceiver, NumberReader, medianDelay }
