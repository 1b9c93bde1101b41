'use strict'

const { readStamp } = require('./time-stamp')

/** A sender's programme is there after 1 s at the latest (see Engine); one whose stamps are not found is shown after so much of it, ms. */
const PATIENCE_MS = 2000

/**
 * The receiving end of a link: what a mixer machine sends before its programme is there is not shown. It stamps the programme's sound, and nothing
 * before; so a new machine's, or a new engine's, first black pictures are nobody's programme.
 */
class LinkGate {
  #ticksLeft
  #patience
  #last = null

  /** @param {FrameRate} rate of the production */
  constructor (rate) {
    this.#ticksLeft = this.#patience = rate.framesOf(PATIENCE_MS)
  }

  get #isOpen () {
    return this.#ticksLeft <= 0
  }

  /**
   * What of a tick is the programme's.
   *
   * @param {{picture: Picture|null, isFresh: boolean}} given by the synchroniser
   * @param {Float32Array} samples its sound, which is silenced when it is not
   * @returns {{picture: Picture|null, isFresh: boolean}} the last picture of the programme, and not fresh, while none comes
   */
  pass ({ picture, isFresh }, samples) {
    if (isFresh && !this.#isOpen) this.#ticksLeft = readStamp(samples) === null ? this.#ticksLeft - 1 : 0
    if (!this.#isOpen) {
      samples.fill(0)
      return { picture: this.#last, isFresh: false }
    }
    if (isFresh) {
      picture.hold()
      this.#last?.release()
      this.#last = picture
    }
    return { picture, isFresh }
  }

  /** The sender is gone: the next one begins anew. */
  close () {
    this.#ticksLeft = this.#patience
  }

  /** Keep no picture. */
  end () {
    this.#last?.release()
    this.#last = null
  }
}

module.exports = { LinkGate }
