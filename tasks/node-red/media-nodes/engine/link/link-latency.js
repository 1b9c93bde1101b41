'use strict'

const { readStamp } = require('./time-stamp')

/** The figure is the middle one of so many pictures: a second and less. */
const KEPT = 25
/** A figure that is older says nothing of now, ms. */
const OLD_MS = 2000

/** How long pictures take from the tick of the mixer machine's engine to that of the encoder machine's, by the stamps in their sound. */
class LinkLatency {
  #time
  #kept = []
  #errorMs = null
  #at = -Infinity

  /** @param {object} time `now` (ms) */
  constructor (time) {
    this.#time = time
  }

  /**
   * A picture is shown.
   *
   * @param {Float32Array} samples its sound
   * @param {object|null} clock of FarClock; null while it is not known
   */
  shown (samples, clock) {
    const madeAt = clock && readStamp(samples)
    if (madeAt === null) return
    this.#at = this.#time.now()
    this.#kept.push(this.#at + clock.offsetMs - madeAt)
    if (this.#kept.length > KEPT) this.#kept.shift()
    this.#errorMs = clock.errorMs
  }

  /** `latencyMs` and by how much it may be wrong at the most, `latencyErrorMs`; null while nothing is known. */
  get figures () {
    if (this.#time.now() - this.#at > OLD_MS) this.#kept = []
    if (this.#kept.length === 0) return { latencyMs: null, latencyErrorMs: null }
    const sorted = this.#kept.toSorted((a, b) => a - b)
    return { latencyMs: rounded(sorted[sorted.length >> 1]), latencyErrorMs: rounded(this.#errorMs) }
  }
}

const rounded = (ms) => Math.round(ms * 10) / 10

module.exports = { LinkLatency }
