'use strict'

const STEP_MS = 40

/** The position asked for, or how long to take, is none: the message says what would be right. */
class WrongFade extends Error {
  constructor (message) {
    super(message)
    this.name = 'WrongFade'
  }
}

const { faderPosition, fadeSeconds } = require('../resources/media-values')

/**
 * Read a wish to move the fader: a number from 0 to 1, or {fader, seconds}.
 *
 * @returns {{fader: number, seconds: number}}
 * @throws {WrongFade} when it is neither
 */
function readFade (wish) {
  const { fader, seconds = 0 } = typeof wish === 'object' && wish !== null ? wish : { fader: wish }
  if (typeof fader !== 'number' || faderPosition(fader)) throw new WrongFade(`fader ${faderPosition(NaN)}, not ${JSON.stringify(fader)}`)
  if (typeof seconds !== 'number' || fadeSeconds(seconds)) throw new WrongFade(`seconds ${fadeSeconds(NaN)}, not ${JSON.stringify(seconds)}`)
  return { fader, seconds }
}

/** A mixer's fader: the weight of bus 1 from 0 to 1, moved at once or in 25 steps a second, by hand or by a schedule. */
class Fader {
  #clock
  #onMove
  #ramp = null
  #scheduled = []

  /**
   * @param {number} position where it stands at first, 0..1
   * @param {(position: number) => void} onMove told of every step
   * @param {object} clock see clock.js
   */
  constructor (position, onMove, clock) {
    this.position = position
    this.#onMove = onMove
    this.#clock = clock
  }

  /** Move to `fader` (0..1) evenly within `seconds`, from wherever it stands now; an older move ends. */
  moveTo ({ fader, seconds }) {
    this.#endRamp()
    if (seconds === 0) return this.#step(fader)
    const [from, begun, span] = [this.position, this.#clock.now(), seconds * 1000]
    this.#ramp = this.#clock.setInterval(() => {
      const passed = (this.#clock.now() - begun) / span
      if (passed >= 1) this.#endRamp()
      this.#step(passed >= 1 ? fader : from + (fader - from) * passed)
    }, STEP_MS)
  }

  /** Follow a schedule from now on: [{atSeconds, fader, seconds}]. */
  follow (fades) {
    this.#scheduled = fades.map((fade) => this.#clock.setTimeout(() => this.moveTo(fade), fade.atSeconds * 1000))
  }

  /** Stand still and forget the schedule. */
  stop () {
    this.#endRamp()
    for (const timer of this.#scheduled) this.#clock.clearTimeout(timer)
    this.#scheduled = []
  }

  #step (position) {
    this.position = position
    this.#onMove(position)
  }

  #endRamp () {
    if (this.#ramp !== null) this.#clock.clearInterval(this.#ramp)
    this.#ramp = null
  }
}

module.exports = { Fader, WrongFade, readFade }
