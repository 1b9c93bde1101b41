'use strict'

const MOST_BYTES = 6_000_000

/** What a decoder has looked at of a feed before its first picture, for one that has to begin anew with other filters. */
class LookBack {
  #buffers = []
  #bytes = 0

  /** All that was kept, in its order. */
  get buffers () {
    return this.#buffers
  }

  /** Keep more; what is over the limit is let go. */
  keep (buffers) {
    for (const buffer of buffers) {
      this.#bytes += buffer.length
      if (this.#bytes <= MOST_BYTES) this.#buffers.push(buffer)
    }
  }

  forget () {
    this.#buffers = []
    this.#bytes = 0
  }
}

module.exports = { LookBack }
