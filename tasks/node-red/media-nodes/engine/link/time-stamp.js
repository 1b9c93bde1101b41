'use strict'

const { CHANNELS } = require('../sound/sample-timeline')

/** Full scale of 24 bits, which the link keeps; its lowest bit is 138 dB below. */
const FULL_SCALE = 2 ** 23
const SYNC = '101101010010110010010011'
const [TIME_BITS, CHECK_BITS] = [48, 16]
/** From which sample on it stands; a reader may be some samples off, as times are rounded. */
const [FIRST_SAMPLE, MOST_OFF] = [8, 8]
/** CRC-16/CCITT-FALSE. */
const [POLYNOMIAL, CRC_START] = [0x1021, 0xffff]

/**
 * Stamp the sound of one picture with the time at which it was made, in the lowest bits of its left side: wherever the picture goes its sound goes,
 * and lossless sound keeps them.
 *
 * @param {Float32Array} samples left and right by turns, at least 100 of each
 * @param {number} ms by the sender's clock
 * @returns {Float32Array} a copy
 */
function stamped (samples, ms) {
  const marked = samples.slice()
  const time = Math.round(ms * 1000).toString(2).padStart(TIME_BITS, '0')
  const bits = SYNC + time + checkOf(time)
  for (let at = 0; at < bits.length; at++) {
    const index = (FIRST_SAMPLE + at) * CHANNELS
    const level = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(marked[index] * FULL_SCALE)))
    marked[index] = ((level & ~1) | Number(bits[at])) / FULL_SCALE
  }
  return marked
}

/** The time (ms) that the sound of a picture is stamped with; null without a whole stamp. */
function readStamp (samples) {
  const length = FIRST_SAMPLE + MOST_OFF + SYNC.length + TIME_BITS + CHECK_BITS
  if (samples.length < length * CHANNELS) return null
  let bits = ''
  for (let at = 0; at < length; at++) bits += Math.round(samples[at * CHANNELS] * FULL_SCALE) & 1
  const at = bits.indexOf(SYNC)
  if (at < 0 || at > FIRST_SAMPLE + MOST_OFF) return null
  const time = bits.substr(at + SYNC.length, TIME_BITS)
  return bits.substr(at + SYNC.length + TIME_BITS, CHECK_BITS) === checkOf(time) ? parseInt(time, 2) / 1000 : null
}

function checkOf (bits) {
  let crc = CRC_START
  for (const bit of bits) {
    const isSet = (crc >> 15 ^ Number(bit)) === 1
    crc = (crc << 1 & 0xffff) ^ (isSet ? POLYNOMIAL : 0)
  }
  return crc.toString(2).padStart(CHECK_BITS, '0')
}

module.exports = { readStamp, stamped }
