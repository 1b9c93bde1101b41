'use strict'

const { CHANNELS } = require('./sample-timeline')

/** ITU-R BS.1770-5, annex 2: peaks between the samples are found at four times the rate. */
const PHASES = 4
const TAPS = 32

/** A windowed sinc for each of the places between two samples. */
const FILTERS = Array.from({ length: PHASES - 1 }, (_, phase) => {
  const shift = (phase + 1) / PHASES
  const taps = Float64Array.from({ length: TAPS }, (_, tap) => {
    const x = tap - TAPS / 2 + 1 - shift
    const window = 0.5 + 0.5 * Math.cos(2 * Math.PI * x / TAPS)
    return Math.sin(Math.PI * x) / (Math.PI * x) * window
  })
  const sum = taps.reduce((total, tap) => total + tap, 0)
  return taps.map((tap) => tap / sum)
})
/** No peak between samples is higher than so many times the highest sample. */
const HIGHEST_BETWEEN = Math.max(...FILTERS.map((taps) => taps.reduce((total, tap) => total + Math.abs(tap), 0)))

/** How many samples later a peak is known. */
const DELAY = TAPS / 2

/** Finds the true peak at each sample of a stereo signal that comes in pieces, DELAY samples late. */
class TruePeak {
  #kept = new Float32Array(TAPS * CHANNELS)

  /**
   * @param {Float32Array} samples left and right by turns
   * @param {Float32Array} peaks filled, one a sample: the highest value of both sides at and after the sample DELAY before
   * @param {number} ignored lower peaks need not be found: 0 is given in their place
   */
  find (samples, peaks, ignored = 0) {
    const all = new Float32Array(this.#kept.length + samples.length)
    all.set(this.#kept)
    all.set(samples, this.#kept.length)
    peaks.fill(0)
    const loud = ignored / HIGHEST_BETWEEN
    let loudUntil = -1
    for (let at = 0; at < all.length / CHANNELS; at++) {
      if (Math.max(Math.abs(all[at * CHANNELS]), Math.abs(all[at * CHANNELS + 1])) >= loud) loudUntil = at + TAPS
      const sample = at - TAPS
      // Most sound is far from its peak: only where one of the TAPS samples is loud can it be between them.
      if (sample >= 0 && at <= loudUntil) peaks[sample] = peakAt(all, sample + 1)
    }
    this.#kept = all.slice(samples.length)
  }
}

/** The peak of both sides, from the sample in the middle of TAPS samples to the one after it. */
function peakAt (all, from) {
  const [first, second, third] = FILTERS
  // One walk over the samples for all places and sides, without arrays made on the way: it is most of what sound costs.
  let l1 = 0
  let l2 = 0
  let l3 = 0
  let r1 = 0
  let r2 = 0
  let r3 = 0
  for (let tap = 0, at = from * CHANNELS; tap < TAPS; tap++, at += CHANNELS) {
    const left = all[at]
    const right = all[at + 1]
    l1 += first[tap] * left
    l2 += second[tap] * left
    l3 += third[tap] * left
    r1 += first[tap] * right
    r2 += second[tap] * right
    r3 += third[tap] * right
  }
  const middle = (from + TAPS / 2 - 1) * CHANNELS
  return Math.max(
    Math.abs(all[middle]), Math.abs(l1), Math.abs(l2), Math.abs(l3), Math.abs(all[middle + 1]), Math.abs(r1), Math.abs(r2), Math.abs(r3)
  )
}

module.exports = { TruePeak, DELAY }
