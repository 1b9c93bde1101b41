'use strict'

/** So much of the programme (s) may wait for S3 on the machine's disk. */
const RING_SECONDS = 600
/** So much (s) of the disk is left to what is on air: the HLS segments that are kept, and the one that is written. */
const RESERVED_SECONDS = 64

module.exports = { RESERVED_SECONDS, RING_SECONDS }
