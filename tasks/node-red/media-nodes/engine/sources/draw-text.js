'use strict'

/** Escape a text for FFmpeg's drawtext, within a filter graph: https://ffmpeg.org/ffmpeg-filters.html#Notes-on-filtergraph-escaping */
function escapeText (text) {
  return text.replace(/[\\':%]/g, '\\$&').replace(/[\\',;[\]]/g, '\\$&')
}

/**
 * A filter that draws a line of text in the middle, as it is, on a dark box.
 *
 * @param {string} text
 * @param {object} how `font` (path of its file), `size` (pixels), `y` (FFmpeg's expression)
 * @returns {string}
 */
function drawText (text, { font, size, y }) {
  return `drawtext=${look(font, size)}:y=${y}:expansion=none:text=${escapeText(text)}`
}

/** A filter that draws a running time code, drop-frame where the rate has that. */
function drawTimecode (rate, { font, size, y }) {
  return `drawtext=${look(font, size)}:y=${y}:timecode='00\\:00\\:00${rate.isDropFrame ? ';' : '\\:'}00':rate=${rate}`
}

function look (font, size) {
  const pixels = Math.max(8, Math.round(size))
  const box = `box=1:boxcolor=black@0.6:boxborderw=${Math.ceil(pixels / 4)}`
  return `fontfile=${font}:fontsize=${pixels}:fontcolor=white:x=(w-text_w)/2:${box}`
}

module.exports = { drawText, drawTimecode }
