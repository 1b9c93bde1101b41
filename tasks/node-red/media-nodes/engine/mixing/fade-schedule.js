'use strict'

/** The moves of the fader that the document asks for, each on its frame, counted from the first that showed a source. */
class FadeSchedule {
  /** Number of the frame on which the production went on air; null before. */
  onAirAt = null
  /** Moves that could not be made, because an operator had another source on a bus. */
  skipped = 0
  #fades
  #rate
  #move

  /**
   * @param {object[]} fades each `atSeconds` (s after going on air), `fader`, `seconds`
   * @param {FrameRate} rate
   * @param {(fade: object) => boolean} move tells whether it could be made
   */
  constructor (fades, rate, move) {
    this.#fades = [...fades].sort((a, b) => a.atSeconds - b.atSeconds)
    this.#rate = rate
    this.#move = move
  }

  /** One frame; those of its moves that are long over (this engine was not there) are not made again. */
  tick (number, isLive) {
    if (this.onAirAt === null && isLive) this.onAirAt = number
    if (this.onAirAt === null) return
    while (this.#fades.length > 0) {
      const [fade] = this.#fades
      const due = this.onAirAt + Math.round(fade.atSeconds * this.#rate.value)
      if (number < due) return
      this.#fades.shift()
      if (number - due < this.#rate.value && !this.#move(fade)) this.skipped += 1
    }
  }
}

module.exports = { FadeSchedule }
