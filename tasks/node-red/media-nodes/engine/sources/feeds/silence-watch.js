'use strict'

const LOOK_MS = 100

/**
 * Sees that nothing comes any more. The looks are counted, not the time: a pause of the engine's own is not taken for a sender's.
 */
class SilenceWatch {
  #bytesSoFar
  #time
  #timer = null

  /**
   * @param {() => number} bytesSoFar
   * @param {object} time `setTimeout`, `clearTimeout`
   */
  constructor (bytesSoFar, time) {
    this.#bytesSoFar = bytesSoFar
    this.#time = time
  }

  /** @param {Array<[number, () => void]>} steps what is done after so many ms of silence, in each silence once */
  begin (...steps) {
    this.end()
    let [seen, still] = [this.#bytesSoFar(), 0]
    const look = () => {
      const now = this.#bytesSoFar()
      still = now === seen ? still + LOOK_MS : 0
      seen = now
      this.#timer = this.#time.setTimeout(look, LOOK_MS)
      for (const [ms, act] of steps) if (still === ms) act()
    }
    this.#timer = this.#time.setTimeout(look, LOOK_MS)
  }

  end () {
    this.#time.clearTimeout(this.#timer)
  }
}

module.exports = { SilenceWatch }
