'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, describe, it } = require('node:test')
const { realFfmpeg } = require('../../../../test-support/real-ffmpeg')
const { conformed } = require('../../../../test-support/measuring/conformed')
const { frequencyOf, levelOf, make } = require('../../../../test-support/samples')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sound-'))
after(() => fs.rmSync(folder, { recursive: true }))

const PRODUCTION = { width: 64, height: 36, frameRate: 25 }
/** A sine of a quarter of full scale has this level. */
const SINE_DB = 20 * Math.log10(0.25 / Math.SQRT2)
let made = 0

/** Pictures with sounds; each sound is FFmpeg's expressions of its channels, and its layout. */
function sounding (sounds, { rate = 48_000, seconds = 1, extension = 'mkv', args = ['-c:a', 'pcm_s16le'] } = {}) {
  const inputs = sounds.flatMap(({ channels, layout }) => [
    '-f', 'lavfi', '-i', `aevalsrc=exprs='${channels.join('|')}':channel_layout=${layout}:sample_rate=${rate}:duration=${seconds}`
  ])
  return make(ffmpegPath, [
    '-f', 'lavfi', '-i', `testsrc=size=64x36:rate=25:duration=${seconds}`, ...inputs, ...sounds.flatMap((_, index) => ['-map', String(index + 1)]), '-map', '0',
    '-pix_fmt', 'yuv420p', '-c:v', 'libx264', ...args, path.join(folder, `${made++}.${extension}`)
  ])
}
const sine = (hertz, level = 0.25) => `${level}*sin(2*PI*${hertz}*t)`

async function heard (location, more = {}, production = PRODUCTION) {
  const result = await conformed({ kind: 'file', location, ...more }, production, { ffmpegPath })
  assert.equal(result.inUse, 0)
  assert.ok(result.pictures.length >= 24, result.lastError)
  return result
}

const near = (actual, expected, what, by) => assert.ok(Math.abs(actual - expected) <= by, `${what}: ${actual} instead of ${expected}`)
function assertTones (sound, [left, right], levels = [SINE_DB, SINE_DB], tolerance = 0.2) {
  near(frequencyOf(sound, 0), left, 'left, Hz', left / 100)
  near(frequencyOf(sound, 1), right, 'right, Hz', right / 100)
  near(levelOf(sound, 0), levels[0], 'left, dB', tolerance)
  near(levelOf(sound, 1), levels[1], 'right, dB', tolerance)
}

describe('sound comes out as 48 kHz stereo', { concurrency: 2 }, () => {
  const stereo = [{ channels: [sine(500), sine(800)], layout: 'stereo' }]

  it('stereo as it is, without a gap', async () => {
    const { sound } = await heard(sounding(stereo))
    assertTones(sound, [500, 800])
    // From picture to picture no sample is missing: a sine of 500 Hz never changes by more between two.
    for (let index = 9600; index < sound.length - 9600; index += 2) {
      assert.ok(Math.abs(sound[index] - sound[index - 2]) <= 0.25 * 2 * Math.PI * 500 / 48_000 * 1.05, `a step at sample ${index / 2}`)
    }
  })

  it('at 29.97 pictures/s without a gap', async () => {
    const { sound } = await heard(sounding(stereo), {}, { ...PRODUCTION, frameRate: 29.97 })
    assertTones(sound, [500, 800])
    for (let index = 9600; index < sound.length - 9600; index += 2) {
      assert.ok(Math.abs(sound[index] - sound[index - 2]) <= 0.25 * 2 * Math.PI * 500 / 48_000 * 1.05, `a step at sample ${index / 2}`)
    }
  })

  it('44.1 kHz', async () => assertTones((await heard(sounding(stereo, { rate: 44_100 }))).sound, [500, 800]))
  it('96 kHz', async () => assertTones((await heard(sounding(stereo, { rate: 96_000 }))).sound, [500, 800]))
  it('mono, as loud on both sides', async () => assertTones((await heard(sounding([{ channels: [sine(500)], layout: 'mono' }]))).sound, [500, 500]))
  it('mono of 44.1 kHz in AAC', async () => assertTones((await heard(
    sounding([{ channels: [sine(500)], layout: 'mono' }], { rate: 44_100, extension: 'mp4', args: ['-c:a', 'aac', '-b:a', '128k'] }))).sound, [500, 500], undefined, 0.5))

  it('5.1: the centre 3 dB lower on both sides, left and right as they are', async () => {
    const at = (place) => Array.from({ length: 6 }, (_, channel) => channel === place ? sine(500) : '0')
    const centre = await heard(sounding([{ channels: at(2), layout: '5.1' }]))
    assertTones(centre.sound, [500, 500], [SINE_DB - 3, SINE_DB - 3])
    const left = await heard(sounding([{ channels: at(0), layout: '5.1' }]))
    near(levelOf(left.sound, 0), SINE_DB, 'left, dB', 0.2)
    assert.ok(levelOf(left.sound, 1) < -80)
    const leftSurround = await heard(sounding([{ channels: at(4), layout: '5.1' }]))
    near(levelOf(leftSurround.sound, 0), SINE_DB - 3, 'left surround, dB', 0.2)
    assert.ok(levelOf(leftSurround.sound, 1) < -80)
  })

  it('none: silence', async () => {
    const { sound, notice } = await heard(sounding([]))
    assert.ok(sound.every((sample) => sample === 0))
    assert.equal(notice, null)
  })

  it('two of them: the first, or the one chosen', async () => {
    const location = sounding([stereo[0], { channels: [sine(1000)], layout: 'mono' }])
    assertTones((await heard(location)).sound, [500, 800])
    assertTones((await heard(location, { soundTrack: 1 })).sound, [1000, 1000])
  })

  it('one chosen that is not there: silence, and it is said', async () => {
    const { sound, notice } = await heard(sounding(stereo), { soundTrack: 2 })
    assert.ok(sound.every((sample) => sample === 0))
    assert.match(notice, /sound 3 was chosen, it has 1/)
  })

  it('starts later than the pictures: silence until then', async () => {
    const plain = sounding(stereo)
    const late = make(ffmpegPath, ['-i', plain, '-itsoffset', '0.4', '-i', plain, '-map', '0:v', '-map', '1:a', '-c', 'copy', path.join(folder, 'late.mkv')])
    const { sound } = await heard(late)
    const first = sound.findIndex((sample) => Math.abs(sample) > 0.01) / 2 / 48_000
    near(first, 0.4, 'first sound, s', 0.01)
  })
})

describe('flash and beep', { concurrency: 2 }, () => {
  for (const [extension, args] of [['mp4', ['-c:v', 'libx264', '-c:a', 'aac']], ['ts', ['-c:v', 'libx264', '-c:a', 'mp2', '-output_ts_offset', '3000']], ['mkv', ['-c:v', 'libx264', '-c:a', 'libopus']]]) {
    it(`stay together in ${extension}`, async () => {
      const location = make(ffmpegPath, [
        '-f', 'lavfi', '-i', "color=color=black:size=64x36:rate=25:duration=2,geq=lum='if(between(T,1,1.19),235,16)':cb=128:cr=128,format=yuv420p",
        '-f', 'lavfi', '-i', "aevalsrc=exprs='0.5*sin(2*PI*1000*t)*between(t,1,1.2)':sample_rate=48000:channel_layout=mono:duration=2", ...args,
        path.join(folder, `flash.${extension}`)
      ])
      const { pictures, sound } = await heard(location)
      const flash = pictures.findIndex((bytes) => bytes[18 * 64 + 32] > 125) / 25
      const beep = sound.findIndex((sample) => Math.abs(sample) > 0.1) / 2 / 48_000
      near(flash, 1, 'flash, s', 0.041)
      near(beep, flash, 'beep, s', 0.02)
    })
  }
})

it('a pattern\'s tone is the line-up tone: 1 kHz, a sine whose peaks are at -18 dBFS, on both channels (EBU R 68)', async () => {
  const peaks = SINE_DB - 20 * Math.log10(0.25) - 18
  const { sound } = await conformed({ kind: 'pattern', pattern: 'smpte-bars', toneHz: 1000 }, PRODUCTION, { ffmpegPath, ticks: 30 })
  assertTones(sound, [1000, 1000], [peaks, peaks])
})
