'use strict'

const { CHANNELS } = require('./sample-timeline')

/** A cut, a mute and a change of gain take 20 ms in the sound. */
const CUT_SAMPLES = 960

/**
 * The sound of the programme: each source at its level, which follows the pictures.
 *
 * Levels go from 0 to 1 and are heard as a quarter of a sine, so that two sources that cross keep their power together.
 */
class ProgrammeSound {
  #levels = new Map()
  #gains = new Map()

  /**
   * Mix the sound of one frame.
   *
   * @param {object[]} sources each `name`, `samples` (Float32Array, left and right by turns), `level` (0..1, where it is to be at the end
   *   of the frame), `gain` (factor, 0 when it is muted)
   * @param {boolean} isCut whether levels change as for a cut, and not over the whole frame
   * @param {Float32Array} into filled
   */
  mix (sources, isCut, into) {
    into.fill(0)
    const count = into.length / CHANNELS
    for (const { name, samples, level, gain } of sources) {
      const levels = ramp(this.#levels.get(name) ?? 0, level, isCut ? CUT_SAMPLES : count)
      const gains = ramp(this.#gains.get(name) ?? gain, gain, CUT_SAMPLES)
      this.#levels.set(name, levels.at(count))
      this.#gains.set(name, gains.at(count))
      if (levels.isSilent || gains.isSilent) continue
      for (let sample = 0; sample < count; sample++) {
        const factor = Math.sin(levels.at(sample + 1) * Math.PI / 2) * gains.at(sample + 1)
        into[sample * CHANNELS] += samples[sample * CHANNELS] * factor
        into[sample * CHANNELS + 1] += samples[sample * CHANNELS + 1] * factor
      }
    }
  }
}

/** An even way from one value to another: the whole difference 1 takes so many samples, or less when there is less to go. */
function ramp (from, to, samples) {
  const most = Math.max(1, samples)
  return {
    isSilent: from === 0 && to === 0,
    at: (sample) => sample >= most ? to : from + (to - from) * sample / most
  }
}

module.exports = { ProgrammeSound, CUT_SAMPLES }
