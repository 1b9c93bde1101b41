'use strict'

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const dgram = require('node:dgram')
const { PictureFormat } = require('../engine/pictures/picture-format')
const { PicturePool } = require('../engine/pictures/picture-pool')
const { ProductionClock } = require('../engine/clock/production-clock')
const { Source } = require('../engine/sources/source')
const { eventually } = require('./eventually')
const { FONT, realTime } = require('./measuring/conformed')

/** A source on air, ticked by a production's clock as in the engine. Keeps what each tick showed. */
function onAir (definition, production, place) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'live-'))
  const format = new PictureFormat(production)
  const pool = new PicturePool(format.pictureBytes)
  const source = new Source({ name: 'camera', ...definition }, { folder, font: FONT, format, pool, ...place }, realTime)
  const ticks = []
  const troubles = []
  source.on('trouble', (text) => troubles.push(text))
  const clock = new ProductionClock(format.rate, realTime, (number) => {
    const samples = new Float32Array(2 * (format.rate.samplesUpTo(number + 1) - format.rate.samplesUpTo(number)))
    source.tick(samples)
    const { picture } = source
    ticks.push({ at: performance.now(), state: source.figures.state, luma: picture.bytes[(format.height >> 1) * format.width + (format.width >> 1)], samples })
  })
  source.start()
  clock.start()
  return {
    source,
    ticks,
    troubles,
    get state () { return source.figures.state },
    async close () {
      clock.stop()
      await source.stop()
      const left = fs.readdirSync(folder)
      fs.rmSync(folder, { recursive: true })
      return { left, inUse: pool.inUse }
    }
  }
}

/** FFmpeg as a sender of a moving picture and a tone, in real time. */
class Sender {
  /** @param {object} how `size`, `rate`, `args` (codecs, format, address); more of FFmpeg's codecs are in `codec` */
  constructor (ffmpegPath, { size = '128x72', rate = 25, seconds = 60, args, codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', String(rate / 2 | 0)] }) {
    this.errors = ''
    this.process = spawn(ffmpegPath, [
      '-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', `color=color=gray:size=${size}:rate=${rate}:duration=${seconds}`,
      '-re', '-f', 'lavfi', '-i', `sine=frequency=1000:sample_rate=48000:duration=${seconds}`, '-pix_fmt', 'yuv420p', ...codec, '-c:a', 'aac', '-ac', '2', ...args
    ], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.process.stderr.setEncoding('utf8').on('data', (text) => { this.errors += text })
    this.ended = once(this.process, 'close')
  }

  /** Send it a signal; SIGKILL unless another is named. */
  async end (signal = 'SIGKILL') {
    this.process.kill('SIGCONT')
    this.process.kill(signal)
    await this.ended
  }
}

/** With a source on air, and FFmpegs that send; whatever happens all that was started ends, and nothing is left. */
async function withSourceOnAir (ffmpegPath, source, production, place, use) {
  const air = onAir(source, production, { ffmpegPath, ...place })
  const senders = []
  const send = (how) => senders[senders.push(new Sender(ffmpegPath, how)) - 1]
  let left
  try {
    await use(air, send)
  } finally {
    await Promise.all(senders.map((sender) => sender.end()))
    left = await air.close()
  }
  assert.deepEqual(left, { left: [], inUse: 0 })
}

/** Wait until it is live; returns ms since `from`. */
async function live (air, from, seconds = 6) {
  await eventually(`live (${JSON.stringify(air.source.figures)})`, () => air.state === 'live', seconds)
  return performance.now() - from
}

const level = (ticks) => {
  const all = ticks.flatMap(({ samples }) => [...samples])
  return 10 * Math.log10(all.reduce((sum, sample) => sum + sample ** 2, 0) / all.length)
}
/** FFmpeg's sine has an eighth of full scale, and loses 3 dB when FFmpeg makes it stereo. */
const TONE_DB = 20 * Math.log10(1 / 8 / Math.SQRT2) - 3.01

/** A UDP port of an address that is free. */
async function freeUdpPort (address) {
  const socket = dgram.createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise((resolve) => socket.close(resolve))
  return port
}

module.exports = { Sender, TONE_DB, freeUdpPort, level, live, onAir, withSourceOnAir }
