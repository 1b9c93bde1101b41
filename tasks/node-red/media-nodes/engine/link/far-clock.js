'use strict'

/** So many of the newest answers count, the quickest of them: waiting makes an answer late on one way and not on the other. */
const KEPT = 16

/**
 * The clock of the far end of a link, asked for as NTP does: when a question was sent and answered, by both clocks.
 * https://www.rfc-editor.org/rfc/rfc5905#section-8
 */
class FarClock {
  #answers = []

  /** @param {{sent: number, received: number, answered: number, heard: number}} times ms; the first and the last by the own clock */
  add ({ sent, received, answered, heard }) {
    this.#answers.push({ offsetMs: ((received - sent) + (answered - heard)) / 2, errorMs: Math.max(0, ((heard - sent) - (answered - received)) / 2) })
    if (this.#answers.length > KEPT) this.#answers.shift()
  }

  /** The far end is another one. */
  forget () {
    this.#answers = []
  }

  /** `offsetMs`, by which it is ahead of the own clock, and by how much that may be wrong at the most, `errorMs`; null before an answer. */
  get now () {
    return this.#answers.reduce((best, answer) => best === null || answer.errorMs < best.errorMs ? answer : best, null)
  }
}

module.exports = { FarClock }
