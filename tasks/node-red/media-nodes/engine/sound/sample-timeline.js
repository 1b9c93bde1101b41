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

  get isEmpty () {
    return this.#begin === this.#end
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
    const { isEmpty } = this
    if (Math.abs(position - this.#end) <= ROUNDING && !isEmpty) position = this.#end
    // A time that jumps back, or further than is kept, is the source's new time.
    if (isEmpty || position < this.#begin || position - this.#end >= CAPACITY) this.#begin = this.#end = position
    this.#eachPiece(this.#end, position - this.#end, (slot, length) => this.#ring.fill(0, slot, slot + length))
    const first = Math.max(0, count - CAPACITY)
    this.#eachPiece(position + first, count - first, (slot, length, from) => {
      const begin = first * CHANNELS + from
      this.#ring.set(samples.subarray(begin, begin + length), slot)
    })
    this.#end = Math.max(this.#end, position + count)
    this.#begin = Math.max(this.#begin, this.#end - CAPACITY)
  }

  /** Whether all samples from `position` on, `count` of them, are there. */
  has (position, count) {
    return position >= this.#begin && position + count <= this.#end
  }

  /** Copy samples, silent where there are none, into `into` (left and right by turns), as many as it holds. */
  read (position, into) {
    const [from, to] = [Math.max(position, this.#begin), Math.min(position + into.length / CHANNELS, this.#end)]
    if (to - from < into.length / CHANNELS) into.fill(0)
    const offset = (from - position) * CHANNELS
    this.#eachPiece(from, to - from, (slot, length, at) => into.set(this.#ring.subarray(slot, slot + length), offset + at))
  }

  /** The pieces of the ring in which `count` samples from `position` on lie: `act(slot, length, from)`, all in floats. */
  #eachPiece (position, count, act) {
    for (let done = 0; done < count;) {
      const slot = (position + done) % CAPACITY
      const length = Math.min(count - done, CAPACITY - slot)
      act(slot * CHANNELS, length * CHANNELS, done * CHANNELS)
      done += length
    }
  }
}

module.exports = { SampleTimeline, CHANNELS }
