'use strict'

/** Renditions beside the programme, of one encoder's process: what comes out of it, decoded again. */

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { afterEach, beforeEach, test } = require('node:test')
const { EncodedStream } = require('../../engine/outputs/encoded-stream')
const { ProgrammeEncoder } = require('../../engine/outputs/programme-encoder')
const { PictureFormat } = require('../../engine/pictures/picture-format')
const { PicturePool } = require('../../engine/pictures/picture-pool')
const { eventually } = require('../../test-support/eventually')
const { realTime } = require('../../test-support/measuring/conformed')
const { decode, describe } = require('../../test-support/measuring/encoded')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')
const { BARS, barsOf, codesOf, levelOf, lookAt } = require('../../test-support/samples')

const ffmpegPath = realFfmpeg()
const production = { width: 1280, height: 720, frameRate: 25 }
const format = new PictureFormat(production)
const bars = barsOf({ ...production, codes: BARS.map((bar) => codesOf(bar, { matrix: 'bt709' })) })
const SIZES = [{ width: 640, height: 360 }, { width: 320, height: 180 }]
const FRAMES = 50

let folder, stream, pool
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'renditions-'))
  pool = new PicturePool(format.pictureBytes)
})
afterEach(async () => {
  await stream?.stop()
  stream = null
  fs.rmSync(folder, { recursive: true })
})

const definitionOf = (codec) => ({
  name: 'programme', codec, preset: 'ultrafast', bitRate: 4_000_000, bufferSeconds: 1, gopFrames: 10, sound: { bitRate: 96_000 },
  renditions: SIZES.map((size, index) => ({ ...size, codec: 'h264', bitRate: 1_000_000 / (1 + index) }))
})

let number = 0
/** So many frames, as fast as they are played. */
async function feed (count, into = stream) {
  const [last, from] = [number + count, number]
  const startedAt = performance.now()
  for (; number < last; number++) {
    const picture = pool.take()
    bars.copy(picture.bytes)
    const samples = Float32Array.from({ length: 2 * 1920 }, (_, at) => 0.3 * Math.sin((number * 1920 + (at >> 1)) * 2 * Math.PI * 440 / 48_000))
    into.write(picture, samples, number)
    picture.release()
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedAt + 40 * (number + 1 - from) - performance.now())))
  }
}
beforeEach(() => { number = 0 })

/** When key pictures come, in milliseconds of the stream's own time. */
function keyTimes (file) {
  const told = execFileSync(ffmpegPath, ['-v', 'error', '-copyts', '-skip_frame', 'nokey', '-i', file, '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framehash', 'pipe:1'], { encoding: 'utf8' })
  const [, base, clock] = /#tb 0: (\d+)\/(\d+)/.exec(told)
  return told.split('\n').filter((line) => /^0,/.test(line)).map((line) => Math.round(Number(line.split(',')[2]) * base / clock * 1000))
}

for (const codec of ['h264', 'hevc']) {
  test(`beside ${codec}: each of its size, with all pictures, the programme's colours, key pictures and sound`, async () => {
    const encoder = new ProgrammeEncoder(definitionOf(codec), format, ffmpegPath, realTime)
    const files = [encoder, ...encoder.renditions].map((one, index) => {
      const file = path.join(folder, `${index}.ts`)
      one.on('data', (bytes) => fs.appendFileSync(file, bytes))
      return file
    })
    encoder.start(0)
    await feed(FRAMES, encoder)
    await encoder.stop()
    const [programme, ...renditions] = files
    assert.equal(decode(ffmpegPath, programme, format).pictures.length, FRAMES - encoder.droppedFrames)
    const times = keyTimes(programme)
    assert.ok(times.length >= 4, `${times}`)
    renditions.forEach((file, index) => {
      const own = new PictureFormat({ ...production, ...SIZES[index] })
      assert.match(describe(ffmpegPath, file), new RegExp(`h264.*\\(tv, bt709.*${own.width}x${own.height}`))
      const { pictures, sound } = decode(ffmpegPath, file, own)
      assert.equal(pictures.length, FRAMES - encoder.droppedFrames)
      lookAt(pictures.at(-1), own).forEach((seen, bar) => seen.forEach((value, plane) => {
        const expected = codesOf(BARS[bar], { matrix: 'bt709' })[plane]
        assert.ok(Math.abs(value - expected) <= 3, `bar ${bar}, plane ${plane}: ${value}, not ${expected}`)
      }))
      assert.ok(Math.abs(levelOf(sound, 0) - 20 * Math.log10(0.3 / Math.SQRT2)) < 1)
      assert.deepEqual(keyTimes(file), times)
    })
  })
}

test('a rendition\'s output that dies costs nobody else anything; an encoder that dies brings all of them back', async () => {
  const { renditions, ...definition } = definitionOf('h264')
  const recorded = (name) => ({ outputs: [{ name, kind: 'recording', folder, fileName: `${name}.mp4` }] })
  const all = { ...definition, ...recorded('programme'), renditions: renditions.map((one, index) => ({ ...one, ...recorded(`rendition-${index}`) })) }
  stream = new EncodedStream(all, { ffmpegPath, format }, realTime)
  stream.start(0)
  const feeding = feed(150)
  const output = (name) => stream.figures.outputs.find((one) => one.name === name)
  await eventually('all send', () => stream.figures.outputs.length === 3 && stream.figures.outputs.every(({ told }) => told?.frames > 0))
  process.kill(output('rendition-1').pid, 'SIGKILL')
  await eventually('it comes back', () => output('rendition-1').restarts === 1 && output('rendition-1').state === 'sending')
  assert.deepEqual([output('programme').restarts, output('rendition-0').restarts, stream.figures.restarts], [0, 0, 0])
  process.kill(stream.figures.pid, 'SIGKILL')
  await feeding
  assert.equal(stream.figures.restarts, 1)
  const before = stream.figures.outputs.map(({ told }) => told.frames)
  await feed(60)
  await eventually('all go on', () => stream.figures.outputs.every(({ told }, index) => told.frames > before[index]))
  const pid = output('rendition-0').pid
  stream.redefine({ ...all, renditions: all.renditions.map((one, index) => index === 0 ? one : { ...one, ...recorded('another') }) })
  assert.deepEqual(stream.figures.outputs.map(({ name }) => name), ['programme', 'rendition-0', 'another'])
  assert.equal(output('rendition-0').pid, pid)
})
