'use strict'

const { SAMPLE_RATE } = require('../clock/frame-rate')
const { CHANNELS } = require('./sample-timeline')
const { TruePeak } = require('./true-peak')

/** ITU-R BS.1770-5, tables 1 and 2, at 48 kHz: the head's effect, then a high pass. */
const K_WEIGHTING = [
  { b: [1.53512485958697, -2.69169618940638, 1.19839281085285], a: [-1.69065929318241, 0.73248077421585] },
  { b: [1, -2, 1], a: [-1.99004745483398, 0.99007225036621] }
]
const OFFSET_LUFS = -0.691
/** A block is 100 ms; momentary loudness is that of four, short-term that of thirty (EBU Tech 3341). */
const BLOCK_SAMPLES = SAMPLE_RATE / 10
const MOMENTARY_BLOCKS = 4
const SHORT_TERM_BLOCKS = 30
/** Integrated loudness leaves out what is quieter than −70 LUFS, then what is 10 LU quieter than the rest. */
const GATE_LUFS = -70
const RELATIVE_GATE_LU = 10
/** Less than this (-120 LUFS) is what the filters still ring with: silence. */
const LEAST_POWER = 1e-12
/** Blocks are counted by their loudness, so that a day needs no more memory than a minute. */
const BINS_A_LU = 100
const LOUDEST_LUFS = 10

function loudnessOf (power) {
  return power > LEAST_POWER ? OFFSET_LUFS + 10 * Math.log10(power) : -Infinity
}

function powerOf (loudness) {
  return 10 ** ((loudness - OFFSET_LUFS) / 10)
}

/** Two filters of second order, one after the other, on one side of the sound; tells the energy of what comes out. */
class WeightedEnergy {
  #states = K_WEIGHTING.map(() => [0, 0])

  /** @returns {number} the sum of squares of every second sample from `from` on, up to `to`, once weighted */
  of (samples, from, to) {
    const [{ b: [b0, b1, b2], a: [a1, a2] }, { a: [c1, c2] }] = K_WEIGHTING
    let [[x1, x2], [y1, y2]] = this.#states
    let energy = 0
    for (let at = from; at < to; at += CHANNELS) {
      const value = samples[at]
      const head = b0 * value + x1
      x1 = b1 * value - a1 * head + x2
      x2 = b2 * value - a2 * head
      const weighted = head + y1
      y1 = -2 * head - c1 * weighted + y2
      y2 = head - c2 * weighted
      energy += weighted * weighted
    }
    this.#states = [[x1, x2], [y1, y2]]
    return energy
  }
}

/** Measures loudness by EBU R 128: momentary, short-term and integrated (LUFS), and the true peak (dBTP). */
class LoudnessMeter {
  #sides = Array.from({ length: CHANNELS }, () => new WeightedEnergy())
  #truePeak = new TruePeak()
  #highest = 0
  #energy = 0
  #inBlock = 0
  #blocks = []
  #bins = new Uint32Array((LOUDEST_LUFS - GATE_LUFS) * BINS_A_LU)

  /** Measure samples, left and right by turns. */
  add (samples) {
    const peaks = new Float32Array(samples.length / CHANNELS)
    this.#truePeak.find(samples, peaks, this.#highest)
    for (const peak of peaks) this.#highest = Math.max(this.#highest, peak)
    for (let from = 0; from < samples.length;) {
      const to = Math.min(samples.length, from + (BLOCK_SAMPLES - this.#inBlock) * CHANNELS)
      this.#sides.forEach((side, number) => { this.#energy += side.of(samples, from + number, to) })
      this.#inBlock += (to - from) / CHANNELS
      from = to
      if (this.#inBlock === BLOCK_SAMPLES) this.#endBlock()
    }
  }

  /** `momentary`, `shortTerm`, `integrated` (LUFS) and `truePeak` (dBTP); null where nothing was heard. */
  get figures () {
    return {
      momentary: this.#over(MOMENTARY_BLOCKS),
      shortTerm: this.#over(SHORT_TERM_BLOCKS),
      integrated: this.#integrated(),
      truePeak: this.#highest > 0 ? rounded(20 * Math.log10(this.#highest)) : null
    }
  }

  #endBlock () {
    this.#blocks.push(this.#energy / BLOCK_SAMPLES)
    if (this.#blocks.length > SHORT_TERM_BLOCKS) this.#blocks.shift()
    this.#energy = 0
    this.#inBlock = 0
    if (this.#blocks.length < MOMENTARY_BLOCKS) return
    const loudness = loudnessOf(this.#power(MOMENTARY_BLOCKS))
    const bin = Math.floor((loudness - GATE_LUFS) * BINS_A_LU)
    if (bin >= 0) this.#bins[Math.min(bin, this.#bins.length - 1)] += 1
  }

  #power (blocks) {
    const newest = this.#blocks.slice(-blocks)
    return newest.reduce((sum, power) => sum + power, 0) / newest.length
  }

  #over (blocks) {
    return this.#blocks.length < blocks ? null : rounded(loudnessOf(this.#power(blocks)))
  }

  #integrated () {
    const ungated = this.#meanAbove(0)
    if (ungated === 0) return null
    const gate = loudnessOf(ungated) - RELATIVE_GATE_LU
    return rounded(loudnessOf(this.#meanAbove(Math.max(0, Math.floor((gate - GATE_LUFS) * BINS_A_LU)))))
  }

  #meanAbove (first) {
    let [power, count] = [0, 0]
    for (let bin = first; bin < this.#bins.length; bin++) {
      if (this.#bins[bin] === 0) continue
      power += this.#bins[bin] * powerOf(GATE_LUFS + (bin + 0.5) / BINS_A_LU)
      count += this.#bins[bin]
    }
    return count > 0 ? power / count : 0
  }
}

function rounded (value) {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : null
}

module.exports = { LoudnessMeter }
