'use strict'

/** FFmpeg looks at a stream this long before it writes, and needs a picture and sound by then; what it has seen is not lost. */
const look = (microseconds, bytes) => ['-analyzeduration', String(microseconds), '-probesize', String(bytes), '-f', 'mpegts', '-i', 'pipe:0']
/** Where the look is delay. */
const LIVE_INPUT = look(100_000, 200_000)
/** Where it delays nothing: on a busy machine, sound comes late. A recording whose header cannot be written is in two files. */
const PATIENT_INPUT = look(1_000_000, 20_000_000)

/** What FFmpeg says of itself to whoever started it. */
const QUIET = ['-hide_banner', '-loglevel', 'level+warning', '-nostats']

module.exports = { LIVE_INPUT, PATIENT_INPUT, QUIET }
