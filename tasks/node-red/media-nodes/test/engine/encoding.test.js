'use strict'

/** What comes out of the encoder's arguments, decoded again. */

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const { fragmentArguments } = require('../../engine/outputs/packaging/fragment-arguments')
const { EntryPoints } = require('../../engine/outputs/transport-stream')
const { PictureFormat } = require('../../engine/pictures/picture-format')
const { decode, describe, encode } = require('../../test-support/measuring/encoded')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')
const { BARS, barsOf, codesOf, lookAt } = require('../../test-support/samples')
const { noise, stereo } = require('../../test-support/sounds')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'encoding-'))
after(() => fs.rmSync(folder, { recursive: true }))

const FRAMES = 25
const encoderOf = (more) => ({ codec: 'h264', preset: 'ultrafast', bitRate: 4_000_000, bufferSeconds: 1, gopFrames: 10, sound: { bitRate: 192_000 }, ...more })

/** As FFmpeg describes them: range, matrix/primaries/transfer, or one name when all are alike. */
const FORMATS = [
  { width: 1280, height: 720, frameRate: 25, matrix: 'bt709', tags: 'tv, bt709' },
  { width: 720, height: 576, frameRate: 25, matrix: 'bt601', tags: 'tv, smpte170m/bt470bg/smpte170m' },
  { width: 640, height: 480, frameRate: 29.97, matrix: 'bt601', tags: 'tv, smpte170m' }
]

for (const codec of ['h264', 'hevc']) {
  for (const production of FORMATS) {
    const { width, height, frameRate, matrix, tags } = production
    test(`${codec}, ${width}x${height} at ${frameRate}: every picture, in the colours that it says`, async () => {
      const format = new PictureFormat(production)
      const bars = barsOf({ ...production, codes: BARS.map((bar) => codesOf(bar, { matrix })) })
      const sound = stereo(format.rate.samplesUpTo(FRAMES) / 48_000, (second) => 0.1 * Math.sin(second * 6000))
      const { stream, sizes, errors } = await encode(ffmpegPath, encoderOf({ codec }), format, Array(FRAMES).fill(bars), sound)
      assert.equal(errors, '')
      assert.equal(sizes.length, FRAMES)
      const file = path.join(folder, `${codec}-${height}.ts`)
      fs.writeFileSync(file, stream)
      assert.ok(describe(ffmpegPath, file).includes(`(${tags}`), describe(ffmpegPath, file))
      const { pictures } = decode(ffmpegPath, file, format)
      assert.equal(pictures.length, FRAMES)
      for (const picture of [pictures[0], pictures.at(-1)]) {
        lookAt(picture, format).forEach((seen, bar) => seen.forEach((value, plane) => {
          const expected = codesOf(BARS[bar], { matrix })[plane]
          assert.ok(Math.abs(value - expected) <= 2, `bar ${bar}, plane ${plane}: ${value}, not ${expected}`)
        }))
      }
    })
  }

  test(`${codec}: a recording carries the tag by which players know it, and its colours`, async () => {
    const [production] = FORMATS
    const format = new PictureFormat(production)
    const { stream } = await encode(ffmpegPath, encoderOf({ codec }), format, Array(FRAMES).fill(Buffer.alloc(format.pictureBytes, 128)), stereo(1, () => 0))
    const file = path.join(folder, `${codec}.mp4`)
    const pieces = new EntryPoints(1e9).feed(stream)
    const begins = pieces.findIndex(({ isEntry }) => isEntry)
    const input = Buffer.concat(pieces.slice(begins).map(({ bytes }) => bytes))
    fs.writeFileSync(file, execFileSync(ffmpegPath, fragmentArguments({ codec }), { input, stdio: ['pipe', 'pipe', 'inherit'] }))
    const told = describe(ffmpegPath, file)
    assert.match(told, codec === 'hevc' ? /hvc1/ : /avc1/)
    assert.match(told, /tv, bt709/)
  })
}

test('key pictures come where they are asked for, each group by itself', async () => {
  for (const codec of ['h264', 'hevc']) {
    const format = new PictureFormat({ width: 160, height: 90, frameRate: 25 })
    const white = noise()
    // Each picture is another: an encoder that looks for scenes would find them.
    const pictures = Array.from({ length: 30 }, () => Buffer.from(Array.from({ length: format.pictureBytes }, () => 16 + 100 * (1 + white.next().value))))
    const { stream } = await encode(ffmpegPath, encoderOf({ codec }), format, pictures, stereo(1.2, () => 0))
    const told = execFileSync(ffmpegPath, ['-v', 'error', '-skip_frame', 'nokey', '-i', 'pipe:0', '-map', '0:v', '-fps_mode', 'passthrough', '-copyts', '-f', 'framehash', 'pipe:1'], { input: stream, encoding: 'utf8' })
    const times = told.split('\n').filter((line) => /^0,/.test(line)).map((line) => Number(line.split(',')[2]))
    assert.deepEqual(times.map((time) => time - times[0]), [0, 10, 20], codec)
  }
})

test('the link keeps the sound as it is, to the 24th bit', async () => {
  const format = new PictureFormat({ width: 160, height: 90, frameRate: 25 })
  const white = noise(3)
  const sound = stereo(1, () => 0.9 * white.next().value)
  const { stream, errors } = await encode(ffmpegPath, encoderOf({ sound: null }), format, Array(FRAMES).fill(Buffer.alloc(format.pictureBytes, 100)), sound)
  assert.doesNotMatch(errors, /error|libx264/)
  const { sound: heard } = decode(ffmpegPath, stream, format)
  assert.equal(heard.length, sound.length)
  const most = heard.reduce((sum, value, index) => Math.max(sum, Math.abs(value - sound[index])), 0)
  assert.ok(most <= 2 ** -23, `${most}`)
})
