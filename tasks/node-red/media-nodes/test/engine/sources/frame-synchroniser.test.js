'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { FrameRate, SAMPLE_RATE } = require('../../../engine/clock/frame-rate')
const { PicturePool } = require('../../../engine/pictures/picture-pool')
const { FrameSynchroniser, READ_AHEAD } = require('../../../engine/sources/frame-synchroniser')
const { BLACK, HOLD, LIVE, SLATE, SourceState } = require('../../../engine/sources/source-state')

/** One wave of the tone is 128 samples. */
const TONE_HZ = 375
const WAVE = Float32Array.from({ length: 128 }, (_, sample) => 0.5 * Math.sin(2 * Math.PI * sample / 128))
/** Samples of a tone never differ more from one to the next; a step is heard as a click. */
const STEEPEST = 0.5 * 2 * Math.PI * TONE_HZ / SAMPLE_RATE * 2.5

/** So many samples more than a picture's own come with it, as many containers interleave them. */
const AHEAD = 1024

/** A source with a clock of its own, whose pictures carry their number, and a tone in its sound. */
class Sender {
  sent = 0
  #pool
  #synchroniser
  #rate
  #soundUpTo = 0
  #ahead

  /** @param {number} ahead so many samples more than belong to a picture come with it; some containers bring fewer */
  constructor (pool, synchroniser, rate, ahead = AHEAD) {
    this.#pool = pool
    this.#synchroniser = synchroniser
    this.#rate = rate
    this.#ahead = ahead
  }

  /** One picture, with the sound up to its end and a little more, or less. */
  send () {
    const picture = this.#pool.take()
    picture.bytes.writeUInt32LE(this.sent)
    const end = this.#rate.samplesUpTo(this.sent + 1) + this.#ahead
    const samples = new Float32Array(Math.max(0, end - this.#soundUpTo) * 2)
    for (let index = 0; index < samples.length / 2; index++) {
      samples[index * 2] = samples[index * 2 + 1] = WAVE[(this.#soundUpTo + index) % 128]
    }
    if (samples.length > 0) this.#synchroniser.addSound(samples, this.#soundUpTo / SAMPLE_RATE)
    this.#synchroniser.addPicture(picture, this.sent * this.#rate.denominator / this.#rate.numerator)
    this.#soundUpTo = Math.max(this.#soundUpTo, end)
    this.sent += 1
  }
}

/**
 * Let a source send by its clock and the production tick by its own.
 *
 * @param {object} how `ticks`, `isLive`, `frameRate`, `ppm` the source is fast by, `arrivals(number, dueTick)` the tick on which a picture comes,
 *   `soundAhead` samples more than its own that come with it
 * @returns what was shown at each tick, the whole sound, and the synchroniser
 */
function run ({ ticks, isLive = true, frameRate = 25, ppm = 0, arrivals = (number, due) => due, soundAhead = AHEAD }) {
  const rate = new FrameRate(frameRate)
  const pool = new PicturePool(64)
  const synchroniser = new FrameSynchroniser(rate, { isLive })
  const sender = new Sender(pool, synchroniser, rate, soundAhead)
  const [shown, sound, fresh] = [[], [], []]
  for (let tick = 0; tick < ticks; tick++) {
    while (arrivals(sender.sent, sender.sent / (1 + ppm / 1e6)) <= tick && !synchroniser.isFull) sender.send()
    const samples = new Float32Array((rate.samplesUpTo(tick + 1) - rate.samplesUpTo(tick)) * 2)
    const { picture, isFresh } = synchroniser.tick(samples)
    shown.push(picture?.bytes.readUInt32LE() ?? null)
    fresh.push(isFresh)
    sound.push(...samples.filter((_, index) => index % 2 === 0))
  }
  const { repeated, skipped } = synchroniser
  synchroniser.close()
  assert.equal(pool.inUse, 0, 'no picture is kept')
  return { shown, fresh, sound, repeated, skipped, sent: sender.sent }
}

function steepest (sound) {
  let most = 0
  for (let at = 1; at < sound.length; at++) most = Math.max(most, Math.abs(sound[at] - sound[at - 1]))
  return most
}

/** How far the sound of a tick is from the picture that it shows, in samples. */
function soundOffset (sound, picture, rate) {
  const [from, at] = [300, rate.samplesUpTo(picture) + 300]
  const difference = (shift) => {
    let sum = 0
    for (let index = 0; index < 200; index++) sum += Math.abs(sound[from + index] - WAVE[(at + index + shift) & 127])
    return sum
  }
  const shifts = Array.from({ length: 61 }, (_, index) => index - 30)
  return shifts.reduce((best, shift) => difference(shift) < difference(best) ? shift : best)
}

test('a source in step: every picture once, in its order, its sound with it', () => {
  const { shown, sound, repeated, skipped } = run({ ticks: 100 })
  const first = shown.indexOf(0)
  assert.ok(first <= 3)
  assert.deepEqual(shown.slice(first), Array.from({ length: 100 - first }, (_, index) => index))
  assert.deepEqual([repeated, skipped], [0, 0])
  assert.ok(steepest(sound) < STEEPEST)
  assert.equal(soundOffset(sound.slice(50 * 1920), shown[50], new FrameRate(25)), 0)
})

test('jitter of a frame to either side costs at most one repeated picture', () => {
  const jitter = [0, 0.9, -0.9, 0.5, 0.9, -0.4, 0, 0.9]
  const { repeated, skipped, sound } = run({ ticks: 2000, arrivals: (number, due) => due + jitter[number % jitter.length] })
  assert.ok(repeated <= 1 && skipped === 0, `${repeated} repeated, ${skipped} left out`)
  assert.ok(steepest(sound) < STEEPEST)
})

for (const [frameRate, late] of [[25, 1.2], [50, 1.6]]) {
  test(`pictures that come ${late} frames late now and then cost few repeated ones, and the delay is taken back in the end, at ${frameRate}`, () => {
    const isLate = (number) => number < 4000 && number % 100 < 2
    const { repeated, skipped, shown } = run({ ticks: 7000, frameRate, arrivals: (number, due) => due + (isLate(number) ? late : 0) })
    assert.ok(repeated <= 1 && skipped <= 3, `${repeated} repeated, ${skipped} left out`)
    assert.equal(6999 - shown.at(-1), 1)
  })
}

test('a picture that comes before its sound waits for it: no sound is left out, and it costs one repeated picture', () => {
  // As SMPTE 302M and AAC come behind their pictures; one late picture leaves no other waiting.
  const { repeated, skipped, sound } = run({ ticks: 400, soundAhead: -1152, arrivals: (number, due) => number >= 100 ? due + 1 : due })
  assert.deepEqual([repeated, skipped], [1, 0])
  const waves = Array.from({ length: 300 * 15 }, (_, wave) => Math.max(...sound.slice((50 * 15 + wave) * 128, (50 * 15 + wave + 1) * 128)))
  assert.ok(Math.min(...waves) > 0.45, `one wave is ${Math.min(...waves)} high`)
  assert.ok(steepest(sound) < STEEPEST)
})

test('without sound no picture waits for any', () => {
  const { repeated, skipped } = run({ ticks: 400, soundAhead: -1e9, arrivals: (number, due) => number >= 100 ? due + 1 : due })
  assert.deepEqual([repeated, skipped], [0, 0])
})

for (const frameRate of [25, 59.94]) {
  test(`pictures that wait for the sound of 0.35 s come together, as many senders of AAC write it: none is repeated or left out, at ${frameRate}`, () => {
    const together = Math.round(0.35 * frameRate)
    const { shown, sound } = run({ ticks: 1200, frameRate, arrivals: (number) => (Math.floor(number / together) + 1) * together })
    // Its first ones were nobody's yet: that they come together it shows with the next.
    const settled = shown.slice(3 * together)
    assert.deepEqual(settled, Array.from(settled, (_, index) => settled[0] + index))
    assert.ok(1200 - shown.at(-1) <= together + 3, `${1200 - shown.at(-1)} frames behind`)
    assert.ok(steepest(sound) < STEEPEST)
  })
}

test('a burst after a gap: the newest pictures are shown, older ones are left out, and the delay does not grow', () => {
  const { shown, skipped, sound } = run({ ticks: 200, arrivals: (number, due) => number >= 50 && number < 75 ? 75 : due })
  assert.ok(skipped > 15)
  const behind = shown.map((picture, tick) => tick - picture)
  assert.ok(behind[199] <= 3, `${behind[199]} frames behind`)
  const jumps = shown.slice(80).filter((picture, at) => at > 0 && picture > shown[79 + at] + 1)
  assert.equal(jumps.length, 1, 'what is too much is left out at once')
  assert.ok(steepest(sound) < STEEPEST)
})

for (const ppm of [100, -100]) {
  test(`a clock that is ${ppm} ppm off for two hours: a picture is ${ppm > 0 ? 'left out' : 'repeated'} as often as it must be, sound stays within 40 ms`, () => {
    const rate = new FrameRate(25)
    const ticks = 2 * 3600 * 25
    const pool = new PicturePool(64)
    const synchroniser = new FrameSynchroniser(rate, { isLive: true })
    const sender = new Sender(pool, synchroniser, rate)
    let [last, worst] = [0, 0]
    for (let tick = 0; tick < ticks; tick++) {
      while (sender.sent / (1 + ppm / 1e6) <= tick) sender.send()
      const samples = new Float32Array(1920 * 2)
      const { picture } = synchroniser.tick(samples)
      for (let at = 0; at < samples.length; at += 2) {
        worst = Math.max(worst, Math.abs(samples[at] - last))
        last = samples[at]
      }
      if (tick % 9000 === 8999 && picture) {
        const offset = soundOffset(samples.filter((_, index) => index % 2 === 0), picture.bytes.readUInt32LE(), rate)
        assert.ok(Math.abs(offset) / 48 < 40, `${offset} samples`)
      }
    }
    const [changed, other] = ppm > 0 ? [synchroniser.skipped, synchroniser.repeated] : [synchroniser.repeated, synchroniser.skipped]
    assert.ok(Math.abs(changed - ticks * 1e-4) <= 2, `${changed}, expected ${ticks * 1e-4}`)
    assert.ok(other <= 1)
    assert.ok(worst < STEEPEST, `a step of ${worst} in the sound`)
    synchroniser.close()
    assert.equal(pool.inUse, 0)
  })
}

test('of what came together before the first picture is shown, the newest are', () => {
  const { shown, skipped, repeated } = run({ ticks: 200, arrivals: (number, due) => Math.max(due, 12) })
  assert.deepEqual(shown.slice(12), Array.from({ length: 188 }, (_, index) => 10 + index))
  assert.deepEqual([skipped, repeated], [10, 0])
})

test('a source that is no live one waits, and nothing of it is ever left out or repeated', () => {
  const { shown, repeated, skipped, sent } = run({ ticks: 100, isLive: false, arrivals: () => 0 })
  const first = shown.indexOf(0)
  assert.deepEqual(shown.slice(first), Array.from({ length: 100 - first }, (_, index) => index))
  assert.deepEqual([repeated, skipped], [0, 0])
  assert.ok(sent <= 100 + READ_AHEAD)
})

test('a source that is gone is not fresh; its sound is faded out, and in when it comes back, without a step', () => {
  const { fresh, sound, shown } = run({ ticks: 200, arrivals: (number, due) => number >= 50 ? due + 75 : due })
  const gone = fresh.indexOf(false, 10)
  const back = fresh.indexOf(true, gone)
  assert.ok(back - gone >= 74 && back - gone <= 78, `${gone} to ${back}`)
  assert.ok(fresh.slice(back).every(Boolean))
  assert.ok(sound.slice((gone + 4) * 1920, back * 1920).every((sample) => sample === 0))
  assert.equal(shown[back], 50)
  assert.ok(steepest(sound) < STEEPEST)
})

test('a run that begins anew shows nothing of the one before', () => {
  const rate = new FrameRate(25)
  const pool = new PicturePool(64)
  const synchroniser = new FrameSynchroniser(rate, { isLive: true })
  const before = new Sender(pool, synchroniser, rate)
  for (let picture = 0; picture < 5; picture++) before.send()
  synchroniser.tick(new Float32Array(3840))
  synchroniser.clear()
  const silent = new Float32Array(3840)
  const { picture, isFresh } = synchroniser.tick(silent)
  assert.deepEqual([picture.bytes.readUInt32LE(), isFresh], [2, false])
  const after = new Sender(pool, synchroniser, rate)
  for (let number = 0; number < 2; number++) after.send()
  assert.ok(synchroniser.tick(silent).isFresh)
  synchroniser.close()
  assert.equal(pool.inUse, 0)
})

test('what is shown of a source: live, hold, black, slate, and live again on the first new picture', () => {
  const state = new SourceState(new FrameRate(25), { holdMs: 200 })
  const states = (isFresh, ticks) => Array.from({ length: ticks }, () => state.tick(isFresh))
  assert.deepEqual(new Set(states(false, 12)), new Set([BLACK]), 'before its first picture there is none to hold')
  assert.equal(state.tick(false), BLACK)
  assert.equal(state.tick(false), SLATE)
  assert.deepEqual(states(true, 2), [LIVE, LIVE])
  assert.deepEqual(states(false, 6), [HOLD, HOLD, HOLD, HOLD, HOLD, BLACK])
  assert.equal(states(false, 20).at(-1), SLATE)
  assert.equal(state.tick(true), LIVE)
})
