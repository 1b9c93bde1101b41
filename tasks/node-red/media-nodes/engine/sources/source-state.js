'use strict'

/** What is shown of a source: its pictures, its last one, black, or its slate. */
const LIVE = 'live'
const HOLD = 'hold'
const BLACK = 'black'
const SLATE = 'slate'

/** Between black and the slate, so that a viewer sees a cut to black and not a flash. */
const BLACK_MS = 500

/**
 * What is to be shown of a source that gives pictures or does not: `live`; once it is lost `hold` for a while, then
 * `black`, then `slate`; and `live` again on the first new picture.
 */
class SourceState {
  state = BLACK
  #holdTicks
  #blackTicks
  #without = 0
  #hasPlayed = false

  /**
   * @param {FrameRate} rate of the production
   * @param {object} onLoss
   * @param {number} onLoss.holdMs how long the last picture stays
   */
  constructor (rate, { holdMs }) {
    this.#holdTicks = Math.ceil(holdMs * rate.value / 1000)
    this.#blackTicks = rate.framesOf(BLACK_MS)
  }

  /**
   * One tick of the production's clock.
   *
   * @param {boolean} isFresh whether the source gave a new picture
   * @returns {string} the state
   */
  tick (isFresh) {
    if (isFresh) {
      this.#without = 0
      this.#hasPlayed = true
      this.state = LIVE
      return this.state
    }
    this.#without += 1
    const held = this.#hasPlayed ? this.#holdTicks : 0
    this.state = this.#without <= held ? HOLD : this.#without <= held + this.#blackTicks ? BLACK : SLATE
    return this.state
  }
}

module.exports = { SourceState, LIVE, HOLD, BLACK, SLATE }
