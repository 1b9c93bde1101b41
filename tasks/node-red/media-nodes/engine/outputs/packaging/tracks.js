'use strict'

const { FULL_HEADER_BYTES, boxIn, versionOf } = require('./boxes')

/** Where track_ID lies in a track header (tkhd, 8.3.2), and timescale in a media header (mdhd, 8.4.2): times before it are longer in version 1. */
const afterTimes = (box) => box.readUInt32BE(FULL_HEADER_BYTES + (versionOf(box) === 1 ? 16 : 8))

/** The id of a track (trak). */
const trackIdOf = (trak) => afterTimes(boxIn(trak, 'tkhd'))

/** So many units of a track's time are a second. */
const timescaleOf = (trak) => afterTimes(boxIn(trak, 'mdia', 'mdhd'))

/** Whether a track has pictures: its handler (hdlr, 8.4.3) is "vide". */
const isPictures = (trak) => boxIn(trak, 'mdia', 'hdlr').toString('latin1', FULL_HEADER_BYTES + 4, FULL_HEADER_BYTES + 8) === 'vide'

/** Which fields a track fragment's header (tfhd, 8.8.7) has before the defaults of its samples. */
const TFHD = { BASE_DATA_OFFSET: 0x01, DESCRIPTION: 0x02, DURATION: 0x08, SIZE: 0x10, FLAGS: 0x20 }
/** Which fields a run of samples (trun, 8.8.8) has, of itself and of each sample. */
const TRUN = { DATA_OFFSET: 0x01, FIRST_FLAGS: 0x04, DURATION: 0x100, SIZE: 0x200, FLAGS: 0x400, COMPOSITION: 0x800 }

module.exports = { TFHD, TRUN, isPictures, timescaleOf, trackIdOf }
