'use strict'

const FIRST_SECONDS = 0.25
const LONGEST_SECONDS = 5

/** How long to wait before the next attempt: 0.25 s, then twice as long each time, 5 s at most. */
class Backoff {
  #next = FIRST_SECONDS

  /** Seconds to wait now. */
  next () {
    const wait = this.#next
    this.#next = Math.min(LONGEST_SECONDS, wait * 2)
    return wait
  }

  /** It ran well: start again from the shortest wait. */
  reset () {
    this.#next = FIRST_SECONDS
  }
}

module.exports = { Backoff }
