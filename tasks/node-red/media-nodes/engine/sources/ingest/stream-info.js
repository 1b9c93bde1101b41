'use strict'

/** What FFmpeg says of an input before it reads it, and when its pictures become others, line by line on its log. */

const VIDEO = /Stream #0:\d+.*?: Video: (.*)$/
const AUDIO = /Stream #0:\d+.*?: Audio: (.*)$/
const PIXELS = /, ([a-z0-9]+)(?:\(([^)]*)\))?, (\d+)x(\d+)/
const CHANGED = /Reconfiguring filter graph because video parameters changed to ([a-z0-9]+)\(([^)]*)\), (\d+)x(\d+)/
const DURATION = /^\[info\]\s+Duration: (\d+):(\d+):([\d.]+),/
const RATE = /, ([\d.]+) fps/
const ATTACHED = /\(attached pic\)|\(timed thumbnails\)/
const RANGES = ['tv', 'pc']
const MAPPING = /^(\[[^\]]*\] )*Stream mapping:|Output #0/
const FIELD_ORDERS = ['top first', 'bottom first', 'top coded first (swapped)', 'bottom coded first (swapped)']
const HDR_TRANSFERS = ['smpte2084', 'arib-std-b67']
const WIDE_PRIMARIES = ['bt2020', 'smpte431', 'smpte432']
/** FFmpeg's names of RGB formats; their pictures have no matrix. */
const RGB = /^(rgb|bgr|gbr|argb|abgr|pal8|0rgb|0bgr|x2rgb|x2bgr)/
const MONO = /, (mono|1 channels),/

/** Reads FFmpeg's log, as far as it tells of its first input: of what FFmpeg makes it tells in the same words. */
class StreamInfo {
  /** Whether all streams of the input have been told. */
  isComplete = false
  hasPictures = false
  /** How long it is, s; null of what has no end. */
  duration = null
  /** How many sounds it has. */
  sounds = 0

  /**
   * Read a line of the log.
   *
   * @param {string} line
   * @returns {object|null} `video` (width, height in pixels, rate in pictures/s to two digits or NaN, matrix, isInterlaced, isRgb, isHdr, isWideGamut; a
   *   matrix that is not said is null; when pictures change in mid-stream only width, height, matrix and isRgb) or `audio` (isMono); null for any other line
   */
  read (line) {
    const changed = CHANGED.exec(line)
    if (changed) return { video: describeChange(changed) }
    this.isComplete ||= MAPPING.test(line)
    if (this.isComplete) return null
    const [, hours, minutes, seconds] = DURATION.exec(line) ?? []
    if (seconds) this.duration = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    const audio = AUDIO.exec(line)
    if (audio) return { audio: { isMono: MONO.test(audio[1]) }, track: this.sounds++ }
    const video = VIDEO.exec(line)
    if (!video || ATTACHED.test(line) || this.hasPictures) return null
    this.hasPictures = true
    const pixels = PIXELS.exec(video[1])
    return pixels && { video: { ...describePictures(pixels), rate: Number(RATE.exec(video[1])?.[1] ?? NaN) } }
  }
}

function describePictures ([, format, properties = '', width, height]) {
  const words = properties.split(', ')
  const colours = words.find((word) => !RANGES.includes(word) && !FIELD_ORDERS.includes(word) && word !== 'progressive')
  const [matrix, primaries, transfer] = colours?.includes('/') ? colours.split('/') : [colours, colours, colours]
  const isHdr = HDR_TRANSFERS.includes(transfer)
  return {
    width: Number(width),
    height: Number(height),
    matrix: known(matrix),
    isInterlaced: words.some((word) => FIELD_ORDERS.includes(word)),
    isRgb: RGB.test(format),
    isHdr,
    isWideGamut: !isHdr && WIDE_PRIMARIES.includes(primaries)
  }
}

function describeChange ([, format, properties, width, height]) {
  const matrix = properties.split(', ').find((word) => !RANGES.includes(word))
  return { width: Number(width), height: Number(height), matrix: known(matrix), isRgb: RGB.test(format) }
}

function known (name) {
  return name === undefined || name === '' || name === 'unknown' || name === 'reserved' ? null : name
}

module.exports = { StreamInfo }
