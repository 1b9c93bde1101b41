'use strict'

/** What FFmpeg says of an input before it reads it, line by line on its log. */

const VIDEO = /Stream #0:\d+.*?: Video: (.*)$/
const AUDIO = /Stream #0:\d+.*?: Audio: (.*)$/
const PIXELS = /, ([a-z0-9]+)(?:\(([^)]*)\))?, (\d+)x(\d+)(?: \[SAR (\d+):(\d+) DAR [\d:]+\])?/
const RANGES = ['tv', 'pc']
const OUTPUT = /Output #0|Stream mapping/
const FIELD_ORDERS = ['top first', 'bottom first', 'top coded first (swapped)', 'bottom coded first (swapped)']
const HDR_TRANSFERS = ['smpte2084', 'arib-std-b67']
/** FFmpeg's names of RGB formats; their pictures have no matrix. */
const RGB = /^(rgb|bgr|gbr|argb|abgr|pal8|0rgb|0bgr)/
const MONO = /, mono,/

/** Reads FFmpeg's log, as far as it tells of its first input: what comes later tells of what FFmpeg makes. */
class StreamInfo {
  #isOver = false

  /**
   * Read a line of the log.
   *
   * @param {string} line
   * @returns {object|null} `video` (width, height in pixels, matrix, isInterlaced, isRgb, isHdr; a matrix that is not said is null) or
   *   `audio` (isMono); null for any other line
   */
  read (line) {
    this.#isOver ||= OUTPUT.test(line)
    if (this.#isOver) return null
    const audio = AUDIO.exec(line)
    if (audio) return { audio: { isMono: MONO.test(audio[1]) } }
    const video = VIDEO.exec(line)
    const pixels = video && PIXELS.exec(video[1])
    return pixels ? { video: describePictures(pixels) } : null
  }
}

function describePictures ([, format, properties = '', width, height]) {
  const words = properties.split(', ')
  const colours = words.find((word) => !RANGES.includes(word) && !FIELD_ORDERS.includes(word) && word !== 'progressive')
  const [matrix, , transfer] = colours?.includes('/') ? colours.split('/') : [colours, colours, colours]
  return {
    width: Number(width),
    height: Number(height),
    matrix: known(matrix),
    isInterlaced: words.some((word) => FIELD_ORDERS.includes(word)),
    isRgb: RGB.test(format),
    isHdr: HDR_TRANSFERS.includes(transfer)
  }
}

function known (name) {
  return name === undefined || name === '' || name === 'unknown' ? null : name
}

module.exports = { StreamInfo }
