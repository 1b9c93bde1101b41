'use strict'

const { spawn } = require('node:child_process')
const path = require('node:path')
const { makeNumbered } = require('../../../tasks/node-red/media-nodes/test-support/measuring/recordings')
const { noise, sine, stereo } = require('../../../tasks/node-red/media-nodes/test-support/sounds')

/** A whole number of AAC's frames of 1024 samples, too: so the file can be repeated without a seam. */
const SECONDS = 8
const SOUND_FRAMES = SECONDS * 48_000 / 1024
const NOISE_FROM = 64 // below the numbers

/** A coded file of numbered, moving pictures with some noise, and a tone: about 6 Mbit/s at 1280x720p25. */
async function codedFile (ffmpegPath, format, folder, row) {
  const raw = path.join(folder, `${row}.mov`)
  const frames = Math.round(SECONDS * format.rate.value)
  const white = noise(row.length)
  const line = Buffer.from(Array.from({ length: 4 * format.width }, () => 110 + 20 * white.next().value))
  const draw = (bytes, number) => {
    for (let y = NOISE_FROM; y < format.height; y++) {
      const from = (y * 37 + number * 8) % (3 * format.width)
      line.copy(bytes, y * format.width, from, from + format.width)
    }
  }
  await makeNumbered(ffmpegPath, format, { file: raw, row, frames, draw, sound: stereo(frames / format.rate.value, sine(row === 'one' ? 440 : 1000, 0.3)) })
  const file = path.join(folder, `${row}.ts`)
  const bitRate = 6_000_000 * format.width * format.height * format.rate.value / (1280 * 720 * 25)
  const coding = spawn(ffmpegPath, [
    '-v', 'error', '-y', '-i', raw, '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-bf', '0', '-g', String(Math.round(format.rate.value)), '-b:v', String(bitRate),
    '-maxrate', String(bitRate), '-bufsize', String(bitRate), '-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709',
    '-c:a', 'aac', '-b:a', '192k', '-bsf:a', `noise=drop='eq(n,0)+gt(n,${SOUND_FRAMES})'`, '-f', 'mpegts', file
  ], { stdio: ['ignore', 'ignore', 'inherit'] })
  await new Promise((resolve, reject) => coding.on('close', (code) => code === 0 ? resolve() : reject(new Error(`FFmpeg could not make ${file}`))))
  return file
}

/** A live source: copies a file by the clock, over and over, to an SRT listener. What it sends can be looked at, too. */
class Sender {
  /** Told of each piece that it sends, when set. */
  onBytes = null

  constructor (ffmpegPath, file, port) {
    this.process = spawn(ffmpegPath, [
      '-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-map', '0', '-c', 'copy', '-flush_packets', '1', '-f', 'tee',
      `[f=mpegts:flush_packets=1]pipe\\:1|[f=mpegts]srt\\://127.0.0.1\\:${port}?mode=caller&latency=120000&connect_timeout=20000`
    ], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.process.stdout.on('data', (bytes) => this.onBytes?.(bytes))
    this.ended = new Promise((resolve) => this.process.on('close', resolve))
  }

  async end () {
    this.process.kill('SIGKILL')
    await this.ended
  }
}

module.exports = { codedFile, Sender }
