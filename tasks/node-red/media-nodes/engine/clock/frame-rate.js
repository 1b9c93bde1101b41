'use strict'

const SAMPLE_RATE = 48_000

/**
 * A frame rate as an exact fraction, and what follows from it.
 *
 * The broadcast rates 23.976, 29.97 and 59.94 mean 24000/1001, 30000/1001 and 60000/1001 (SMPTE ST 12-1).
 */
class FrameRate {
  /** @param {number} framesPerSecond 25, 29.97, … */
  constructor (framesPerSecond) {
    const nominal = Math.round(framesPerSecond)
    const isDropped = !Number.isInteger(framesPerSecond) && Math.abs(nominal * 1000 / 1001 - framesPerSecond) < 0.005
    ;[this.numerator, this.denominator] = isDropped
      ? [nominal * 1000, 1001]
      : Number.isInteger(framesPerSecond) ? [framesPerSecond, 1] : [Math.round(framesPerSecond * 1000), 1000]
  }

  /** Frames per second. */
  get value () {
    return this.numerator / this.denominator
  }

  /** How many frames a second of time code counts: 30 at 29.97. */
  get nominal () {
    return Math.round(this.value)
  }

  /** Whether time code leaves numbers out to follow the time of day: SMPTE ST 12-1 knows that of 29.97 and 59.94 alone. */
  get isDropFrame () {
    return this.denominator === 1001 && this.nominal % 30 === 0
  }

  /** As FFmpeg takes it: `30000/1001`. */
  toString () {
    return `${this.numerator}/${this.denominator}`
  }

  /** When frame `number` (from 0) begins, ms after the first. */
  msUpTo (number) {
    return number * 1000 * this.denominator / this.numerator
  }

  /** How many frames have begun `ms` after the first did, that one counted. */
  framesWithin (ms) {
    // A frame that begins in less than a microsecond has begun: sums of fractions are not exact.
    return Math.floor((ms + 0.001) * this.numerator / (1000 * this.denominator)) + 1
  }

  /** How many samples of sound belong to the frames before `number`: 1602, 1601, 1602, 1601, 1602 a frame at 29.97. */
  samplesUpTo (number) {
    return Math.round(number * SAMPLE_RATE * this.denominator / this.numerator)
  }

  /** How many frames so many seconds of time code have: 60 in 2 s of 29.97, which last 2.002 s. */
  framesOfSegment (seconds) {
    return this.nominal * seconds
  }

  /** The frames (at least 1) that come next to `ms`. */
  framesOf (ms) {
    return Math.max(1, Math.round(ms * this.numerator / (1000 * this.denominator)))
  }
}

module.exports = { FrameRate, SAMPLE_RATE }
