'use strict'

/**
 * FFmpeg would read `probesize` of SMPTE 302M, which has no marks of its own, to guess what it is; the programme map says so.
 * https://ffmpeg.org/ffmpeg-formats.html#Format-Options
 */
const AS_ITS_MAP_SAYS = ['-max_probe_packets', '1']
/** FFmpeg looks at a stream this long before it writes, and needs a picture and sound by then; what it has seen is not lost. */
const look = (microseconds, bytes) => [
  ...AS_ITS_MAP_SAYS, '-analyzeduration', String(microseconds), '-probesize', String(bytes), '-f', 'mpegts', '-i', 'pipe:0'
]
/** Where the look is delay. A key picture of a link's may have a megabyte, and its sound comes after it. */
const LIVE_INPUT = look(100_000, 5_000_000)
/** Where it delays nothing: on a busy machine, sound comes late. A recording whose header cannot be written is in two files. */
const PATIENT_INPUT = look(1_000_000, 20_000_000)

/** What FFmpeg says of itself to whoever started it. */
const QUIET = ['-hide_banner', '-loglevel', 'level+warning', '-nostats']

module.exports = { LIVE_INPUT, PATIENT_INPUT, QUIET }
