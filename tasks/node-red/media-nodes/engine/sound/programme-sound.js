'use strict'

const { CHANNELS } = require('./sample-timeline')

/** A cut, a mute and a change of gain take 20 ms in the sound, over as many frames as that is. */
const CUT_SAMPLES = 960

/**
 * The sound of the programme: each source at its level, which follows the pictures.
 *
 * Levels go from 0 to 1 and are heard as a quarter of a sine, so that two sources that cross keep their power together.
 */
class ProgrammeSound {
  #levels = new Map()
  #gains = new Map()
  #programme = new Ramp(1)

  /**
   * Mix the sound of one frame.
   *
   * @param {object[]} sources each `name`, `samples` (Float32Array, left and right by turns), `level` (0..1, where it is to be at the end
   *   of the frame), `gain` (factor, 0 when it is muted)
   * @param {object} how
   * @param {boolean} how.isCut whether levels change as for a cut, and not over the whole frame
   * @param {number} how.black how much of the programme is faded to black at the end of the frame, 0..1
   * @param {Float32Array} into filled
   */
  mix (sources, { isCut, black }, into) {
    into.fill(0)
    const count = into.length / CHANNELS
    for (const { name, samples, level, gain } of sources) {
      const levels = rampOf(this.#levels, name, 0)
      const gains = rampOf(this.#gains, name, gain)
      levels.goTo(level, isCut ? CUT_SAMPLES : count)
      gains.goTo(gain, CUT_SAMPLES)
      if (!levels.isZero && !gains.isZero) {
        for (let sample = 0; sample < count; sample++) {
          const factor = Math.sin(levels.at(sample + 1) * Math.PI / 2) * gains.at(sample + 1)
          into[sample * CHANNELS] += samples[sample * CHANNELS] * factor
          into[sample * CHANNELS + 1] += samples[sample * CHANNELS + 1] * factor
        }
      }
      levels.pass(count)
      gains.pass(count)
    }
    this.#programme.goTo(1 - black, count)
    if (!this.#programme.isOne) for (let index = 0; index < into.length; index++) into[index] *= this.#programme.at((index >> 1) + 1)
    this.#programme.pass(count)
  }
}

/** A value that goes evenly to where it is told to, in so many samples, whatever frames they belong to. */
class Ramp {
  #from
  #to
  #samples = 0
  #passed = 0

  constructor (value) {
    this.#from = this.#to = value
  }

  goTo (value, samples) {
    if (value === this.#to) return
    this.#from = this.at(0)
    this.#to = value
    this.#samples = samples
    this.#passed = 0
  }

  /** The value so many samples from now. */
  at (sample) {
    const passed = this.#passed + sample
    return passed >= this.#samples ? this.#to : this.#from + (this.#to - this.#from) * passed / this.#samples
  }

  pass (samples) {
    this.#passed += samples
    if (this.#passed >= this.#samples) this.#from = this.#to
  }

  get isZero () {
    return this.#from === 0 && this.#to === 0
  }

  get isOne () {
    return this.#from === 1 && this.#to === 1
  }
}

function rampOf (ramps, name, value) {
  if (!ramps.has(name)) ramps.set(name, new Ramp(value))
  return ramps.get(name)
}

module.exports = { ProgrammeSound, CUT_SAMPLES }
