'use strict'

/** Timestamps of the encoded programme follow the production's clock, whatever becomes of the encoder. */

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { test } = require('node:test')
const { ProgrammeEncoder } = require('../../../engine/outputs/programme-encoder')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { eventually } = require('../../../test-support/eventually')
const { realTime } = require('../../../test-support/measuring/conformed')
const { readCode, writeCode } = require('../../../test-support/measuring/bar-code')
const { decode } = require('../../../test-support/measuring/encoded')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const TIMESCALE = 90_000
const WRAPS_AT = 2 ** 33
/** So many pictures may wait for an encoder, and so many it keeps until more come. */
const [MOST_AHEAD, LOOKS_AHEAD] = [8, 3]
const ENCODER = { codec: 'h264', preset: 'ultrafast', bitRate: 2_000_000, bufferSeconds: 1, gopFrames: 10, sound: { bitRate: 96_000 } }

/** When each picture of a transport stream is shown, of 90,000 a second. */
function timesOf (stream) {
  const told = execFileSync(ffmpegPath, ['-v', 'error', '-copyts', '-f', 'mpegts', '-i', 'pipe:0', '-map', '0:v', '-fps_mode', 'passthrough', '-enc_time_base', `1:${TIMESCALE}`, '-f', 'framehash', 'pipe:1'], { input: stream, encoding: 'utf8' })
  return told.split('\n').filter((line) => /^0,/.test(line)).map((line) => Number(line.split(',')[2]))
}

/** Numbered pictures through an encoder that is killed once; what each of its two processes gave. */
async function killedOnce (format, first, waited) {
  const encoder = new ProgrammeEncoder(ENCODER, format, ffmpegPath, realTime)
  const streams = []
  encoder.on('begin', () => streams.push([]))
  encoder.on('data', (bytes) => streams.at(-1).push(bytes))
  let [number, given] = [first + waited, 0]
  const write = async (count) => {
    for (const end = number + count; number < end; number++) {
      const bytes = Buffer.alloc(format.pictureBytes)
      format.fill(bytes)
      writeCode(bytes, format, 'one', number)
      const samples = new Float32Array(2 * (format.rate.samplesUpTo(number + 1) - format.rate.samplesUpTo(number)))
      encoder.write({ bytes, hold: () => {}, release: () => {} }, samples, number)
      given += encoder.pid === null ? 0 : 1
      await eventually('coded pictures', () => given - encoder.frames <= MOST_AHEAD)
    }
    await eventually('most of them are coded', () => given - encoder.frames <= LOOKS_AHEAD)
  }
  encoder.start(first)
  try {
    await write(20)
    process.kill(encoder.pid, 'SIGKILL')
    await eventually('it is gone', () => encoder.pid === null)
    given = encoder.frames
    await write(7)
    await eventually('another', () => encoder.pid !== null)
    await write(20)
  } finally {
    await encoder.stop()
  }
  return streams.map((chunks) => Buffer.concat(chunks))
}

const SHOWS = {
  'from the first frame': { frameRate: 25, first: 0, waited: 0 },
  'at 29.97, of an engine that began again': { frameRate: 29.97, first: 107_892, waited: 0 },
  'after a wait for the first picture': { frameRate: 25, first: 0, waited: 50 },
  'of a show of 30 hours': { frameRate: 50, first: 30 * 3600 * 50, waited: 0 }
}

for (const [name, { frameRate, first, waited }] of Object.entries(SHOWS)) {
  test(`each picture has the time of its number, before and after a kill -9 of the encoder, ${name}`, async () => {
    const format = new PictureFormat({ width: 320, height: 180, frameRate })
    const streams = await killedOnce(format, first, waited)
    assert.equal(streams.length, 2)
    const seen = streams.map((stream) => {
      const times = timesOf(stream)
      return decode(ffmpegPath, stream, format).pictures.map((bytes, index) => ({ number: readCode(bytes, format, 'one'), time: times[index] }))
    })
    // A picture's number has 16 bits.
    const wholeOf = (number) => first + ((number - first) & 0xffff)
    for (const { number, time } of seen.flat().map((picture) => ({ ...picture, number: wholeOf(picture.number) }))) {
      const expected = (TIMESCALE * (1 + format.rate.msUpTo(number - waited) / 1000)) % WRAPS_AT
      assert.ok(Math.abs(time - expected) <= 1, `${number} at ${time}, not ${expected}`)
    }
    assert.ok(seen[0].length >= 20 - LOOKS_AHEAD, `${seen[0].length} pictures`)
    assert.equal(wholeOf(seen[1][0].number), first + waited + 27)
    assert.equal(seen[1].length, 20)
  })
}
