'use strict'

const { FULL_HEADER_BYTES, HEADER_BYTES, boxIn, boxesNamed } = require('./boxes')
const { isPictures } = require('./tracks')

/** A visual sample entry (ISO/IEC 14496-12, 12.1.3) has so much before the boxes in it. */
const VISUAL_ENTRY_BYTES = 86
/** FFmpeg's AAC encoder makes AAC-LC. */
const SOUND = 'mp4a.40.2'

const hex = (byte) => byte.toString(16).toUpperCase()

const PICTURES = {
  /** Profile, constraints, level: the bytes of the AVC configuration (ISO/IEC 14496-15, 5.3.3.1) as RFC 6381, 3.3 has them. */
  avc1 (entry) {
    const [configuration] = boxesNamed(entry, 'avcC', VISUAL_ENTRY_BYTES)
    return `avc1.${configuration.toString('hex', HEADER_BYTES + 1, HEADER_BYTES + 4).toUpperCase()}`
  },
  /** Of the HEVC configuration (ISO/IEC 14496-15, 8.3.3.1): profile, its flags backwards, tier and level, constraints without empty bytes at their end (annex E.3). */
  hvc1 (entry) {
    const [configuration] = boxesNamed(entry, 'hvcC', VISUAL_ENTRY_BYTES)
    const told = configuration.subarray(HEADER_BYTES + 1)
    const space = ['', 'A', 'B', 'C'][told[0] >> 6]
    const flags = Number.parseInt(told.readUInt32BE(1).toString(2).padStart(32, '0').split('').reverse().join(''), 2)
    const constraints = [...told.subarray(5, 11)]
    while (constraints.at(-1) === 0) constraints.pop()
    return [`hvc1.${space}${told[0] & 0x1f}`, hex(flags), `${told[0] & 0x20 ? 'H' : 'L'}${told[11]}`, ...constraints.map(hex)].join('.')
  }
}

/**
 * What a player has to decode, as a master playlist says it (RFC 8216, 4.3.4.2).
 *
 * @param {Buffer} init of a CMAF track of pictures and one of AAC, as Fragments gives it
 * @returns {string} such as `avc1.64001F,mp4a.40.2`
 */
function codecNames (init) {
  const moov = boxesNamed(init, 'moov').next().value
  const pictures = [...boxesNamed(moov, 'trak', HEADER_BYTES)].find(isPictures)
  const entries = boxIn(pictures, 'mdia', 'minf', 'stbl', 'stsd')
  const [name, entry] = Object.keys(PICTURES).map((kind) => [kind, boxesNamed(entries, kind, FULL_HEADER_BYTES + 4).next().value]).find(([, found]) => found)
  return `${PICTURES[name](entry)},${SOUND}`
}

module.exports = { codecNames }
