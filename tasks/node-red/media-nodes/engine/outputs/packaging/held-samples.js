'use strict'

const { FULL_HEADER_BYTES, HEADER_BYTES, boxIn, boxesNamed, flagsOf } = require('./boxes')
const { TFHD, TRUN, isPictures, timescaleOf, trackIdOf } = require('./tracks')

/** A sample that lasts so many times as long as the one before it stands in for others that are missing. */
const HELD = 1.5

/**
 * Ends samples that a muxer has made longer because the next ones are missing: before a gap, the last picture and the last sound of a
 * fragment last until what comes after it.
 */
class HeldSamples {
  #tracks = new Map()

  /** @param {Buffer} init as of Fragments */
  constructor (init) {
    const moov = boxesNamed(init, 'moov').next().value
    for (const trak of boxesNamed(moov, 'trak', HEADER_BYTES)) {
      this.#tracks.set(trackIdOf(trak), { timescale: timescaleOf(trak), isPictures: isPictures(trak), usual: null })
    }
  }

  /**
   * @param {Buffer} fragment as of Fragments, which is changed
   * @returns {number} by how much its pictures are shorter now (s)
   */
  cut (fragment) {
    let seconds = 0
    for (const traf of boxesNamed(boxesNamed(fragment, 'moof').next().value, 'traf', HEADER_BYTES)) {
      const track = this.#tracks.get(boxIn(traf, 'tfhd').readUInt32BE(FULL_HEADER_BYTES))
      const cut = this.#cutLast(traf, track)
      if (track.isPictures) seconds += cut / track.timescale
    }
    return seconds
  }

  #cutLast (traf, track) {
    const places = durationsOf(traf)
    if (places === null) return 0
    const last = places.at(-1)
    const usual = places.length > 1 ? places.at(-2).value : track.usual ?? last.value
    track.usual = usual
    if (last.value <= HELD * usual) return 0
    last.box.writeUInt32BE(usual, last.at)
    return last.value - usual
  }
}

/** Where the durations of a track fragment's samples stand; null when it has none, or all last as long as ever. */
function durationsOf (traf) {
  const trun = [...boxesNamed(traf, 'trun', HEADER_BYTES)].at(-1)
  if (!trun) return null
  const flags = flagsOf(trun)
  const count = trun.readUInt32BE(FULL_HEADER_BYTES)
  if (!(flags & TRUN.DURATION)) return count === 1 ? defaultDurationOf(boxIn(traf, 'tfhd')) : null
  const first = FULL_HEADER_BYTES + 4 + (flags & TRUN.DATA_OFFSET ? 4 : 0) + (flags & TRUN.FIRST_FLAGS ? 4 : 0)
  const step = 4 * [TRUN.DURATION, TRUN.SIZE, TRUN.FLAGS, TRUN.COMPOSITION].filter((field) => flags & field).length
  return Array.from({ length: count }, (_, number) => ({ box: trun, at: first + number * step, value: trun.readUInt32BE(first + number * step) }))
}

function defaultDurationOf (tfhd) {
  const flags = flagsOf(tfhd)
  if (!(flags & TFHD.DURATION)) return null
  const at = FULL_HEADER_BYTES + 4 + (flags & TFHD.BASE_DATA_OFFSET ? 8 : 0) + (flags & TFHD.DESCRIPTION ? 4 : 0)
  return [{ box: tfhd, at, value: tfhd.readUInt32BE(at) }]
}

module.exports = { HeldSamples }
