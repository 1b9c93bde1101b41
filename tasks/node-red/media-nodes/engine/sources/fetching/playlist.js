'use strict'

const { FetchFault } = require('./fetch-fault')

const BEGINNING = '#EXTM3U'
/** Where FFmpeg ends a line, which is at more places than RFC 8216 has. */
const LINE_END = /\r\n|[\r\n\0]/
/** FFmpeg takes an attribute without quotes, too. */
const URI = /URI=("[^"]*"|[^,]*)/g
/** Of the tag before a segment FFmpeg reads the number; what follows is a title. */
const DURATION = /^#EXTINF:[^,\s]*/
/** Tags that FFmpeg reads; any other line that begins with # is a comment to it. */
const READ = /^#EXT(M3U|INF|-X-(STREAM-INF|KEY|MEDIA|TARGETDURATION|MEDIA-SEQUENCE|PLAYLIST-TYPE|MAP|ENDLIST|BYTERANGE|START|PROGRAM-DATE-TIME))/
/** FFmpeg cuts off a line at 4096 bytes, and an address with it. */
const LONGEST_LINE = 4000

/** How many bytes tell whether FFmpeg would take them for an HLS playlist. */
const TELLING_BYTES = BEGINNING.length

/** Whether FFmpeg would take this for an HLS playlist. */
function isPlaylist (bytes) {
  return bytes.subarray(0, TELLING_BYTES).toString('latin1') === BEGINNING
}

/**
 * Give every address in an HLS playlist (RFC 8216: lines, and URI attributes of tags) another form, so that no other is left in it.
 *
 * @param {string} text
 * @param {(address: string) => string} rewrite
 * @returns {string}
 * @throws {FetchFault} AddressRefused when a tag has an address where none belongs
 */
function rewritePlaylist (text, rewrite) {
  return text.split(LINE_END).map((line) => line.startsWith('#') ? tagOf(line, rewrite) : line.trim() && rewrite(line.trim())).join('\n')
}

function tagOf (line, rewrite) {
  const tag = DURATION.test(line) ? `${DURATION.exec(line)[0]},` : line
  const isLeft = tag.replaceAll(URI, '').includes('://')
  if (isLeft && !READ.test(tag)) return ''
  const rewritten = tag.replaceAll(URI, (_, value) => `URI="${rewrite(value.replace(/^"(.*)"$/, '$1').trim())}"`)
  if (isLeft || (rewritten.includes('://') && Buffer.byteLength(rewritten) > LONGEST_LINE)) {
    const [name] = /^#[A-Z0-9-]+/.exec(tag)
    throw new FetchFault('AddressRefused', `a playlist has an address in ${name} where none belongs, or a line too long. Put it in order.`, 403)
  }
  return rewritten
}

module.exports = { TELLING_BYTES, isPlaylist, rewritePlaylist }
