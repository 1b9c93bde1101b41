'use strict'

const { CHANNELS } = require('./sample-timeline')

/** Over how many samples sound passes from one place to another: 5 ms. */
const FADE_SAMPLES = 240
/** The times of pictures and samples are rounded each by itself. */
const ROUNDING = 2

/**
 * Reads a source's sound where its pictures are: on without a seam while they follow each other, and crossfaded where a
 * picture is repeated or left out, where the sound ends, and where it comes again. No step is ever heard.
 */
class SoundFollower {
  #timeline
  #position = null
  #wasSilent = true
  #last = new Float32Array(FADE_SAMPLES * CHANNELS)

  /** @param {SampleTimeline} timeline of the source */
  constructor (timeline) {
    this.#timeline = timeline
  }

  /**
   * The sound of one picture, into `into`.
   *
   * @param {number|null} position of its first sample in the source's time; null while there is no picture
   * @param {Float32Array} into as many samples as the picture lasts
   */
  read (position, into) {
    const count = into.length / CHANNELS
    const goesOn = position !== null && this.#position !== null && Math.abs(position - this.#position) <= ROUNDING
    if (goesOn) position = this.#position
    const isThere = position !== null && this.#timeline.has(position, count)
    if (isThere) this.#timeline.read(position, into)
    else into.fill(0)
    if (!(goesOn && isThere && !this.#wasSilent)) this.#joinTo(into)
    this.#remember(into)
    this.#wasSilent = !isThere
    this.#position = position === null ? null : position + count
  }

  /** Crossfade from what would have followed the samples before. */
  #joinTo (into) {
    const fade = Math.min(FADE_SAMPLES, into.length / CHANNELS)
    const follows = this.#wasSilent ? null : this.#continuation(fade)
    for (let sample = 0; sample < fade; sample++) {
      const weight = (sample + 0.5) / fade
      for (let channel = 0; channel < CHANNELS; channel++) {
        const index = sample * CHANNELS + channel
        into[index] = into[index] * weight + (follows ? follows[index] * (1 - weight) : 0)
      }
    }
  }

  /** What comes next on the timeline; where nothing has come, what was before it, mirrored: that joins without a step. */
  #continuation (count) {
    const follows = new Float32Array(count * CHANNELS)
    if (this.#position !== null && this.#timeline.has(this.#position, count)) {
      this.#timeline.read(this.#position, follows)
      return follows
    }
    for (let sample = 0; sample < count; sample++) {
      const mirrored = (FADE_SAMPLES - 1 - sample) * CHANNELS
      follows.set(this.#last.subarray(mirrored, mirrored + CHANNELS), sample * CHANNELS)
    }
    return follows
  }

  #remember (samples) {
    if (samples.length >= this.#last.length) this.#last.set(samples.subarray(samples.length - this.#last.length))
    else {
      this.#last.copyWithin(0, samples.length)
      this.#last.set(samples, this.#last.length - samples.length)
    }
  }
}

module.exports = { SoundFollower, FADE_SAMPLES }
