'use strict'

/** So far behind, frames are given up: the computer slept, or this process was stopped. */
const LATEST_MS = 1000

/**
 * The clock of a production: calls `onTick(number)` once a frame, by the computer's monotonic time.
 *
 * A tick that comes late is made up for, so that the count of frames follows time without drift; after a longer standstill
 * the frames that nobody could see any more are left out, and counted in `missed`.
 */
class ProductionClock {
  missed = 0
  #rate
  #time
  #onTick
  #origin = null
  #next = 0
  #timer = null

  /**
   * @param {FrameRate} rate
   * @param {object} time `now()` (ms, monotonic), `setTimeout`, `clearTimeout`
   * @param {(number: number) => void} onTick told of each frame; numbers grow, and leave out those that were missed
   */
  constructor (rate, time, onTick) {
    this.#rate = rate
    this.#time = time
    this.#onTick = onTick
  }

  /** Begin with frame `first` now. */
  start (first = 0) {
    this.#next = first
    this.#origin = this.#time.now() - this.#rate.msUpTo(first)
    this.#wake()
  }

  /** No tick comes any more. */
  stop () {
    this.#time.clearTimeout(this.#timer)
    this.#origin = null
  }

  #wake () {
    const due = this.#rate.framesWithin(this.#time.now() - this.#origin)
    const late = due - this.#next
    if (late > this.#rate.framesOf(LATEST_MS)) {
      this.missed += late - 1
      this.#next = due - 1
    }
    while (this.#origin !== null && this.#next < due) this.#onTick(this.#next++)
    if (this.#origin === null) return
    const wait = this.#origin + this.#rate.msUpTo(this.#next) - this.#time.now()
    this.#timer = this.#time.setTimeout(() => this.#wake(), Math.max(0, wait))
  }
}

module.exports = { ProductionClock }
