'use strict'

/** The limiter and the loudness meter, beside FFmpeg's ebur128. */

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { Limiter, LATENCY, MOST_DBTP } = require('../../engine/sound/limiter')
const { LoudnessMeter } = require('../../engine/sound/loudness')
const { ebur128 } = require('../../test-support/measuring/ebur128')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')
const { SAMPLE_RATE, decibels, noise, pieces, sine, stereo } = require('../../test-support/sounds')

const ffmpegPath = realFfmpeg()
const [SECONDS, BLOCK_SAMPLES] = [3, 4800]
/** FFmpeg writes peaks with three digits. */
const MOST_PEAK = Math.round(1000 * 10 ** (MOST_DBTP / 20)) / 1000

function limited (sound, ...counts) {
  const limiter = new Limiter()
  const out = sound.slice()
  for (const piece of pieces(out, ...counts)) limiter.limit(piece)
  return out
}

const white = noise()
const HARD = {
  'a sine between whose samples the peak lies': sine(SAMPLE_RATE / 4, 1.3, Math.PI / 4),
  'a square wave': (second) => 2 * Math.sign(Math.sin(2 * Math.PI * 441 * second + 0.1)),
  'white noise 12 dB too loud': () => 4 * white.next().value,
  'white noise 24 dB too loud': () => 16 * white.next().value,
  'single clicks': (_, side, sample) => sample % 4801 === 7 + side ? 3 : 0,
  'clicks in quiet sound': (second, side, sample) => (sample % 997 < 3 ? 2 : 0.2) * Math.sin(9000 * second + side),
  'a sweep to the highest frequency': (second) => 1.5 * Math.sin(2 * Math.PI * second * second * 3900),
  'bursts after silence': (second) => second % 0.5 < 0.05 ? 8 * Math.sin(2 * Math.PI * 5000 * second) : 0,
  'full scale turned over at each sample': (second, side, sample) => (sample >> 5) % 2 ? (sample % 2 ? 1 : -1) : (sample % 3 ? -1 : 1)
}

for (const [what, at] of Object.entries(HARD)) {
  test(`the limiter keeps −1 dBTP: ${what}`, () => {
    const sound = stereo(SECONDS, at)
    assert.ok(ebur128(ffmpegPath, sound).at(-1).truePeak > MOST_PEAK, 'it is no hard material')
    const { truePeak } = ebur128(ffmpegPath, limited(sound, 1920)).at(-1)
    assert.ok(truePeak <= MOST_PEAK, `${20 * Math.log10(truePeak)} dBTP`)
  })
}

test('the limiter gives the same, however the sound is cut into frames', () => {
  const sound = stereo(1, HARD['clicks in quiet sound'])
  const expected = limited(sound, 1920)
  for (const counts of [[801, 801, 800], [1602, 1601], [1, 47], [48_000]]) {
    const out = limited(sound, ...counts)
    const most = out.reduce((sum, value, index) => Math.max(sum, Math.abs(value - expected[index])), 0)
    assert.ok(most < 2e-4, `${counts}: ${most}`)
  }
})

test('the limiter leaves sound below its ceiling as it is, and comes back to that after a peak', () => {
  const quiet = stereo(1, sine(1000, 0.8))
  assert.deepEqual(limited(quiet, 1920).subarray(2 * LATENCY), quiet.subarray(0, quiet.length - 2 * LATENCY))
  const hit = stereo(3, (second, side, sample) => sample === 1000 ? 4 : sine(1000, 0.5)(second))
  const out = limited(hit, 1920).subarray(4 * SAMPLE_RATE)
  assert.ok(Math.abs(decibels(out) - decibels(hit.subarray(4 * SAMPLE_RATE))) < 0.01)
})

test('the limiter never jumps: a tone that it turns down stays a tone', () => {
  // 2 dB over for a second: the gain goes down once and stays.
  const tone = stereo(2, (second) => (second > 0.5 && second < 1.5 ? 1.12 : 0.5) * Math.sin(2 * Math.PI * 200 * second))
  const out = limited(tone, 1920)
  const steepest = (sound) => sound.reduce((most, value, index) => index < 2 ? most : Math.max(most, Math.abs(value - sound[index - 2])), 0)
  assert.ok(steepest(out) <= steepest(tone) * 1.05, `${steepest(out)} after ${steepest(tone)}`)
})

const quieter = noise(7)
const MATERIAL = {
  'a tone of 1 kHz at -23 LUFS': sine(1000, 10 ** (-23 / 20)),
  'a low tone on the left, a high one on the right': (second, side) => 0.3 * Math.sin(2 * Math.PI * (side ? 7000 : 60) * second),
  'loud and quiet by turns': (second) => (second % 4 < 2 ? 0.5 : 0.02) * Math.sin(2 * Math.PI * 997 * second),
  'noise that swells, with silence in it': (second) => second % 5 > 4 ? 0 : quieter.next().value * 0.5 * (second % 3) / 3,
  'a peak between samples': sine(SAMPLE_RATE / 4, 0.9, Math.PI / 4)
}

for (const [what, at] of Object.entries(MATERIAL)) {
  test(`the loudness meter says what FFmpeg's does: ${what}`, () => {
    // It begins softly: how a step at the first sample rings is each meter's own affair.
    const sound = stereo(12, (second, side) => Math.min(1, second * 20) * at(second, side))
    const theirs = ebur128(ffmpegPath, sound)
    const meter = new LoudnessMeter()
    let compared = 0
    // Cut otherwise than its blocks are.
    let heard = 0
    for (const piece of pieces(sound, 801, 801, 800, 801, 801, 796)) {
      meter.add(piece)
      heard += piece.length / 2
      if (heard % BLOCK_SAMPLES !== 0) continue
      const [ours, { M, S, I }] = [meter.figures, theirs[heard / BLOCK_SAMPLES - 1]]
      for (const [mine, their, name] of [[ours.momentary, M, 'momentary'], [ours.shortTerm, S, 'short-term'], [ours.integrated, I, 'integrated']]) {
        // Ours has one digit; theirs is -120.7 or no number in silence and before there is enough, and -70 where nothing was heard.
        if (!(their > -70)) {
          assert.ok(mine === null || mine <= -70, `${name} after ${heard / SAMPLE_RATE} s: ${mine}, FFmpeg ${their}`)
          continue
        }
        assert.ok(Math.abs(mine - their) <= 0.1, `${name} after ${heard / SAMPLE_RATE} s: ${mine}, FFmpeg ${their}`)
        compared += 1
      }
    }
    assert.ok(compared > 200, `${compared} figures`)
    const peak = 20 * Math.log10(theirs.at(-1).truePeak)
    assert.ok(Math.abs(meter.figures.truePeak - peak) <= 0.2, `${meter.figures.truePeak} dBTP, FFmpeg ${peak}`)
  })
}

test('silence has no loudness and no peak, also after sound', () => {
  const meter = new LoudnessMeter()
  meter.add(new Float32Array(2 * 4 * SAMPLE_RATE))
  assert.deepEqual(meter.figures, { momentary: null, shortTerm: null, integrated: null, truePeak: null })
  meter.add(stereo(1, sine(1000, 0.1)))
  meter.add(new Float32Array(2 * 4 * SAMPLE_RATE))
  assert.deepEqual([meter.figures.momentary, meter.figures.shortTerm], [null, null])
})
