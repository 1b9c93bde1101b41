'use strict'

const SAMPLE_RATE = 48_000

/** Numbers evenly within -1..1, the same ones each time. */
function* noise (seed = 1) {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 31 - 1
  }
}

/** Stereo sound of so many seconds, left and right by turns: `at(second, side, sample)` gives each value. */
function stereo (seconds, at) {
  const count = Math.round(seconds * SAMPLE_RATE)
  return Float32Array.from({ length: 2 * count }, (_, index) => at((index >> 1) / SAMPLE_RATE, index & 1, index >> 1))
}

/** A sine of a frequency in Hz and an amplitude. */
const sine = (frequency, amplitude = 1, phase = 0) => (second) => amplitude * Math.sin(2 * Math.PI * frequency * second + phase)

/** Pieces of so many samples each, by turns. */
function* pieces (sound, ...counts) {
  for (let at = 0, number = 0; at < sound.length; number++) {
    const length = 2 * counts[number % counts.length]
    yield sound.subarray(at, Math.min(sound.length, at + length))
    at += length
  }
}

/** Level of a stretch, dB of full scale: a sine at full scale is -3. */
function decibels (sound) {
  return 10 * Math.log10(sound.reduce((sum, value) => sum + value ** 2, 0) / sound.length)
}

module.exports = { SAMPLE_RATE, noise, stereo, sine, pieces, decibels }
