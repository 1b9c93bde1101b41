'use strict'

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

module.exports = { WrongFade, readFade }
