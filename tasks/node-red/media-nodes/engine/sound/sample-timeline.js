'use strict'

const CHANNELS = 2
/** What two seconds of sound are; none waits longer. */
const CAPACITY = 96_000
/** Times that differ by less than this are the rounding of a container. */
const ROUNDING = 48

/**
 * The sound of one source by its own time, as stereo floats: written as it comes, read where the pictures are.
 *
 * Positions are samples (48,000 a second) since the source's time 0. Gaps are silent.
 */
class SampleTimeline {
  #ring = new Float32Array(CAPACITY * CHANNELS)
  #begin = 0
  #end = 0

  /** Position after the newest sample. */
  get end () {
    return this.#end
  }

  /** Position of the oldest sample that is kept. */
  get begin () {
    return this.#begin
  }

  /** Forget everything: the source begins anew. */
  clear () {
    this.#begin = this.#end = 0
  }

  /**
   * Add sound.
   *
   * @param {number} position of its first sample
   * @param {Float32Array} samples left and right by turns
   */
  write (position, samples) {
    const count = samples.length / CHANNELS
    const isEmpty = this.#end === this.#begin
    if (Math.abs(position - this.#end) <= ROUNDING && !isEmpty) position = this.#end
    // A time that jumps back, or further than is kept, is the source's new time.
    if (isEmpty || position < this.#begin || position - this.#end >= CAPACITY) this.#begin = this.#end = position
    for (let at = this.#end; at < position; at++) this.#put(at, 0, 0)
    for (let index = Math.max(0, count - CAPACITY); index < count; index++) {
      this.#put(position + index, samples[index * CHANNELS], samples[index * CHANNELS + 1])
    }
    this.#end = Math.max(this.#end, position + count)
    this.#begin = Math.max(this.#begin, this.#end - CAPACITY)
  }

  /** Whether all samples from `position` on, `count` of them, are there. */
  has (position, count) {
    return position >= this.#begin && position + count <= this.#end
  }

  /** Copy samples, silent where there are none, into `into` (left and right by turns), as many as it holds. */
  read (position, into) {
    for (let index = 0; index < into.length; index += CHANNELS) {
      const at = position + index / CHANNELS
      const isThere = at >= this.#begin && at < this.#end
      const slot = (at % CAPACITY) * CHANNELS
      into[index] = isThere ? this.#ring[slot] : 0
      into[index + 1] = isThere ? this.#ring[slot + 1] : 0
    }
  }

  #put (position, left, right) {
    const slot = (position % CAPACITY) * CHANNELS
    this.#ring[slot] = left
    this.#ring[slot + 1] = right
  }
}

module.exports = { SampleTimeline, CHANNELS }
