'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { FrameRate } = require('../../engine/clock/frame-rate')
const { CUT_SAMPLES, ProgrammeSound } = require('../../engine/sound/programme-sound')
const { SAMPLE_RATE, decibels, sine, stereo } = require('../../test-support/sounds')

const ONES = new Float32Array(2 * 4000).fill(1)

/**
 * Frames of the programme's sound, one after the other.
 *
 * @param {number} frameRate of the production
 * @param {(frame: number) => object} how of each frame: `sources` ([name, level, gain, its whole sound]), `isCut`, `black`; null at the end
 */
function programme (frameRate, how) {
  const rate = new FrameRate(frameRate)
  const sound = new ProgrammeSound()
  const frames = []
  for (let number = 0, now = how(0); now !== null; now = how(++number)) {
    const [from, to] = [rate.samplesUpTo(number), rate.samplesUpTo(number + 1)]
    const into = new Float32Array(2 * (to - from))
    const sources = now.sources.map(([name, level, gain, whole]) => ({ name, level, gain, samples: whole?.subarray(2 * from, 2 * to) ?? ONES }))
    sound.mix(sources, { isCut: now.isCut ?? false, black: now.black ?? 0 }, into)
    frames.push(into)
  }
  return Float32Array.from(frames.flatMap((frame) => [...frame]))
}

const left = (sound) => sound.filter((_, index) => index % 2 === 0)
const steepest = (sound) => left(sound).reduce((most, value, index, all) => index === 0 ? 0 : Math.max(most, Math.abs(value - all[index - 1])), 0)

const RATES = [24, 25, 29.97, 50, 59.94, 60]
/** Level of a factor that goes evenly from 1 to 0 within so many samples, at its steepest: a quarter of a sine. */
const evenly = (samples) => 1.01 * Math.PI / 2 / samples

for (const frameRate of RATES) {
  const [one, two] = [stereo(4, sine(440, 0.5)), stereo(4, sine(1000, 0.5))]
  const whole = decibels(one)
  const level = (sound, from, to) => decibels(sound.subarray(2 * Math.round(from * SAMPLE_RATE), 2 * Math.round(to * SAMPLE_RATE)))

  test(`through a crossfade of two tones the power stays within 0.5 dB, at ${frameRate} frames/s`, () => {
    const frames = Math.round(2 * frameRate)
    const sound = programme(frameRate, (number) => {
      if (number > 3.5 * frameRate) return null
      const position = Math.min(1, Math.max(0, (number - frameRate / 2 | 0) / frames))
      return { sources: [['one', 1 - position, 1, one], ['two', position, 1, two]] }
    })
    // Whole periods of both tones: 50 ms.
    for (let from = 0.2; from < 3.3; from += 0.05) {
      assert.ok(Math.abs(level(sound, from, from + 0.05) - whole) < 0.5, `${level(sound, from, from + 0.05) - whole} dB at ${from} s`)
    }
  })

  test(`a cut takes 20 ms in the sound, without a step, at ${frameRate} frames/s`, () => {
    const cutAt = Math.round(frameRate)
    const factor = (name) => left(programme(frameRate, (number) => number > 2 * frameRate
      ? null
      : { sources: [[name, (number >= cutAt) === (name === 'in') ? 1 : 0, 1]], isCut: number === cutAt }))
    const begins = new FrameRate(frameRate).samplesUpTo(cutAt)
    const [out, into] = [factor('out'), factor('in')]
    assert.ok(out[begins - 1] === 1 && out[begins] < 1)
    assert.equal(out.indexOf(0, begins - 1), begins + CUT_SAMPLES - 1)
    assert.equal(into.indexOf(1, begins - 1), begins + CUT_SAMPLES - 1)
    for (let at = begins; at < begins + CUT_SAMPLES; at++) assert.ok(Math.abs(out[at] ** 2 + into[at] ** 2 - 1) < 1e-6)
    const stretch = out.subarray(begins - 10, begins + 2 * CUT_SAMPLES)
    assert.ok(stretch.every((value, at) => at === 0 || Math.abs(value - stretch[at - 1]) < evenly(CUT_SAMPLES)))
  })

  test(`a mute and a gain take 20 ms, without a step, also one after the other, at ${frameRate} frames/s`, () => {
    const gains = [1, 0, 2, 0.5]
    const second = Math.round(frameRate / 2)
    const sound = left(programme(frameRate, (number) => number >= gains.length * second ? null : { sources: [['one', 1, gains[Math.floor(number / second)]]] }))
    const begins = gains.map((_, index) => new FrameRate(frameRate).samplesUpTo(index * second))
    for (const [index, gain] of gains.entries()) {
      if (index === 0) continue
      const from = gains[index - 1]
      assert.ok(Math.abs(sound[begins[index] + CUT_SAMPLES / 2 - 1] - (from + gain) / 2) < 1e-4, `half way to ${gain}`)
      assert.ok(Math.abs(sound[begins[index] + CUT_SAMPLES - 1] - gain) < 1e-6, `at ${gain} after 20 ms`)
    }
    const changes = sound.subarray(begins[1] - 10)
    assert.ok(changes.every((value, at) => at === 0 || Math.abs(value - changes[at - 1]) <= 1.01 * 2 / CUT_SAMPLES))
  })
}

test('a gain that is changed again on its way goes on from where it is', () => {
  const sound = left(programme(59.94, (number) => number > 60 ? null : { sources: [['one', 1, number < 30 ? 1 : number < 31 ? 0 : 1]] }))
  assert.ok(steepest(Float32Array.from([...sound.subarray(2000)].flatMap((value) => [value, value]))) < 1.01 / CUT_SAMPLES)
  assert.ok(Math.min(...sound.subarray(2000)) > 0)
  assert.equal(sound.at(-1), 1)
})

test('a fade to black turns the sound down evenly, without a step at a frame', () => {
  const frames = 10
  const sound = programme(25, (number) => number > 40 ? null : { sources: [['one', 1, 1]], black: Math.min(1, Math.max(0, (number - 9) / frames)) })
  const after = left(sound).subarray(1920)
  assert.equal(after.at(-1), 0)
  assert.ok(after.every((value, at) => at === 0 || Math.abs(value - after[at - 1]) < 1.01 / (frames * 1920)))
})

test('a source on no bus is not heard, and samples of another length are no matter', () => {
  const sound = programme(25, (number) => number > 5 ? null : { sources: [['one', 0, 1], ['two', 0, 1]] })
  assert.ok(sound.every((value) => value === 0))
})
