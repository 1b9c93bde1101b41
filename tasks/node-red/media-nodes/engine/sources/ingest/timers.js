'use strict'

/** Timers of one owner, which end together. */
class Timers {
  #time
  #waiting = new Set()

  /** @param {object} time `setTimeout`, `clearTimeout` */
  constructor (time) {
    this.#time = time
  }

  after (ms, action) {
    const timer = this.#time.setTimeout(() => {
      this.#waiting.delete(timer)
      action()
    }, ms)
    this.#waiting.add(timer)
  }

  clear () {
    for (const timer of this.#waiting) this.#time.clearTimeout(timer)
    this.#waiting.clear()
  }
}

module.exports = { Timers }
