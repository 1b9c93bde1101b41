'use strict'

const BEGINNING = '#EXTM3U'
const URI = /\bURI="([^"]*)"/g

/** Whether FFmpeg would take this for an HLS playlist. */
function isPlaylist (bytes) {
  return bytes.subarray(0, BEGINNING.length).toString('latin1') === BEGINNING
}

/**
 * Give every address in an HLS playlist (RFC 8216: lines, and URI attributes of tags) another form.
 *
 * @param {string} text
 * @param {(address: string) => string} rewrite
 * @returns {string}
 */
function rewritePlaylist (text, rewrite) {
  return text.split(/\r?\n/).map((line) => {
    if (line.startsWith('#')) return line.replace(URI, (_, address) => `URI="${rewrite(address)}"`)
    return line.trim() === '' ? line : rewrite(line.trim())
  }).join('\n')
}

module.exports = { isPlaylist, rewritePlaylist }
