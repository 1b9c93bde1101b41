'use strict'

const { SAMPLE_RATE } = require('../clock/frame-rate')
const { CHANNELS } = require('./sample-timeline')
const { DELAY, TruePeak } = require('./true-peak')

/** EBU R 128: the maximum permitted true peak of a programme is −1 dBTP. */
const MOST_DBTP = -1
/** What the filters of one meter see more than those of another: of white noise up to 0.25 dB. */
const MARGIN_DB = 0.3
const CEILING = 10 ** ((MOST_DBTP - MARGIN_DB) / 20)
/** The gain begins to fall so many samples before a peak (1.5 ms), and comes back with this time constant. */
const LOOK_AHEAD = 72
const RELEASE_SECONDS = 0.1
const RELEASE = Math.exp(-1 / (RELEASE_SECONDS * SAMPLE_RATE))
/** Sound leaves the limiter so many samples later than it comes in: 1.7 ms. */
const LATENCY = LOOK_AHEAD + DELAY

/** Keeps the true peak of the programme's sound at −1 dBTP and below, by turning it down around each peak. */
class Limiter {
  #truePeak = new TruePeak()
  #delayed = new Float32Array(LATENCY * CHANNELS)
  #wanted = new Float64Array(LOOK_AHEAD).fill(1)
  #smoothed = new Float64Array(LOOK_AHEAD).fill(1)
  #sum = LOOK_AHEAD
  #at = 0
  #gain = 1

  /** Limit samples (left and right by turns) in place; they come LATENCY samples late. */
  limit (samples) {
    const peaks = new Float32Array(samples.length / CHANNELS)
    this.#truePeak.find(samples, peaks, CEILING)
    const all = new Float32Array(this.#delayed.length + samples.length)
    all.set(this.#delayed)
    all.set(samples, this.#delayed.length)
    if (this.#isAtRest(peaks)) samples.set(all.subarray(0, samples.length))
    else this.#turnDown(samples, all, peaks)
    this.#delayed = all.slice(samples.length)
  }

  #isAtRest (peaks) {
    // The average may differ from 1 by what is rounded.
    const isWhole = this.#gain > 1 - 1e-4 && this.#sum > LOOK_AHEAD * (1 - 1e-4)
    if (!isWhole || peaks.some((peak) => peak > CEILING)) return false
    this.#gain = 1
    this.#sum = LOOK_AHEAD
    this.#wanted.fill(1)
    this.#smoothed.fill(1)
    return true
  }

  #turnDown (samples, all, peaks) {
    for (let sample = 0; sample < peaks.length; sample++) {
      const gain = this.#gainFor(peaks[sample])
      samples[sample * CHANNELS] = all[sample * CHANNELS] * gain
      samples[sample * CHANNELS + 1] = all[sample * CHANNELS + 1] * gain
    }
  }

  /** The least gain of the look-ahead, averaged over it: it is there, evenly, when its peak is. */
  #gainFor (peak) {
    this.#wanted[this.#at] = peak > CEILING ? CEILING / peak : 1
    let least = 1
    for (const wanted of this.#wanted) least = Math.min(least, wanted)
    this.#gain = Math.min(least, 1 - (1 - this.#gain) * RELEASE)
    this.#sum += this.#gain - this.#smoothed[this.#at]
    this.#smoothed[this.#at] = this.#gain
    this.#at = (this.#at + 1) % LOOK_AHEAD
    return Math.min(1, this.#sum / LOOK_AHEAD)
  }
}

module.exports = { Limiter, LATENCY, MOST_DBTP }
