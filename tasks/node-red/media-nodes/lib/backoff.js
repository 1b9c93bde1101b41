'use strict'

const FIRST_SECONDS = 0.25
const LONGEST_SECONDS = 5

/** How long to wait before the next attempt: 0.25 s, or as short as is said, then twice as long each time, 5 s at most. */
class Backoff {
  #first
  #next

  constructor (firstSeconds = FIRST_SECONDS) {
    this.#first = this.#next = firstSeconds
  }

  /** Seconds to wait now. */
  next () {
    const wait = this.#next
    this.#next = Math.min(LONGEST_SECONDS, wait * 2)
    return wait
  }

  /** It ran well: start again from the shortest wait. */
  reset () {
    this.#next = this.#first
  }
}

module.exports = { Backoff }
