'use strict'

/** A segment is named after its media sequence number, and what a player needs first after the first segment that needs it. */
const segmentName = (number) => `live-${number}.m4s`
const initName = (number) => `init-${number}.mp4`
const NAMES = { segment: /^live-(\d+)\.m4s$/, init: /^init-(\d+)\.mp4$/ }

/**
 * A live HLS playlist (RFC 8216): a window of segments, whose numbers only ever grow.
 *
 * `segments` has of each its `number`, how many `seconds` it lasts, when it began (`at`, ms since 1970), the number of its `init`, and
 * `isDiscontinuous`, when its timestamps do not go on from those of the one before (4.3.2.3).
 */
class Playlist {
  segments = []
  /** Discontinuities that have left the window (6.2.2). */
  discontinuities = 0
  isEnded = false
  /** EVENT: nothing ever leaves it (4.3.3.5); null: it is a window. */
  type = null
  #next
  #hasBegun = false

  /**
   * @param {number} targetSeconds whole seconds; no segment lasts longer, rounded (4.3.3.1), and it never changes (6.2.1)
   * @param {number} first media sequence number of the first segment
   */
  constructor (targetSeconds, first) {
    this.targetSeconds = targetSeconds
    this.#next = first
  }

  /**
   * What a playlist says that was written by this class.
   *
   * @param {string} text
   * @returns {Playlist|null} null when it is any other text
   */
  static read (text) {
    const numberOf = (tag) => Number(new RegExp(`^#EXT-X-${tag}:(\\d+)\\s*$`, 'm').exec(text)?.[1] ?? 0)
    const targetSeconds = numberOf('TARGETDURATION')
    if (!text.startsWith('#EXTM3U') || targetSeconds === 0) return null
    const first = numberOf('MEDIA-SEQUENCE')
    const segments = readSegments(text, first)
    if (segments === null) return null
    const playlist = new Playlist(targetSeconds, segments.length > 0 ? segments.at(-1).number + 1 : first)
    playlist.discontinuities = numberOf('DISCONTINUITY-SEQUENCE')
    playlist.isEnded = /^#EXT-X-ENDLIST/m.test(text)
    playlist.segments = segments
    playlist.#hasBegun = true
    return playlist
  }

  /** The media sequence number of the first segment in the window. */
  get first () {
    return this.segments[0]?.number ?? this.#next
  }

  /** The number that the next segment will have. */
  get next () {
    return this.#next
  }

  /** A segment begins after those that are there. The very first one follows nothing, so it is no discontinuity. */
  add ({ seconds, at, init, isDiscontinuous }) {
    this.segments.push({ number: this.#next, seconds, at, init, isDiscontinuous: isDiscontinuous && this.#hasBegun })
    this.#hasBegun = true
    this.#next += 1
  }

  /** A segment of another playlist follows, by its own number; where numbers are missing its timestamps do not go on. */
  follow (segment) {
    const isDiscontinuous = segment.isDiscontinuous || (this.#hasBegun && segment.number !== this.#next)
    this.#next = segment.number
    this.add({ ...segment, isDiscontinuous })
  }

  /** The oldest segment leaves the window. */
  leave () {
    if (this.segments.shift().isDiscontinuous) this.discontinuities += 1
  }

  toString () {
    const lines = [
      '#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${this.targetSeconds}`, `#EXT-X-MEDIA-SEQUENCE:${this.first}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${this.discontinuities}`, '#EXT-X-INDEPENDENT-SEGMENTS',
      ...(this.type ? [`#EXT-X-PLAYLIST-TYPE:${this.type}`] : [])
    ]
    let map = null
    for (const { number, seconds, at, init, isDiscontinuous } of this.segments) {
      if (isDiscontinuous) lines.push('#EXT-X-DISCONTINUITY')
      if (init !== map) lines.push(`#EXT-X-MAP:URI="${initName(init)}"`)
      map = init
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(at).toISOString()}`, `#EXTINF:${seconds.toFixed(6)},`, segmentName(number))
    }
    if (this.isEnded) lines.push('#EXT-X-ENDLIST')
    return lines.join('\n') + '\n'
  }
}

/**
 * Each line that is no tag is a segment, and the tags before it are its own; a map holds on. null when one is named otherwise than here. Numbers
 * only grow: of a whole show's list one may be missing, see WholePlaylist.
 */
function readSegments (text, first) {
  const segments = []
  let [seconds, at, init, isDiscontinuous] = [0, NaN, NaN, false]
  for (const line of text.split(/\r?\n/)) {
    const [, tag, value] = /^#([A-Z0-9-]+)(?::(.*))?$/.exec(line) ?? []
    if (tag === 'EXTINF') seconds = parseFloat(value)
    else if (tag === 'EXT-X-PROGRAM-DATE-TIME') at = Date.parse(value)
    else if (tag === 'EXT-X-MAP') init = Number(NAMES.init.exec(/URI="([^"]*)"/.exec(value)?.[1])?.[1] ?? NaN)
    else if (tag === 'EXT-X-DISCONTINUITY') isDiscontinuous = true
    else if (line !== '' && !line.startsWith('#')) {
      const number = Number(NAMES.segment.exec(line)?.[1])
      const isNext = segments.length > 0 ? number > segments.at(-1).number : number === first
      if (!isNext || ![seconds, at, init].every(Number.isFinite)) return null
      segments.push({ number, seconds, at, init, isDiscontinuous })
      isDiscontinuous = false
    }
  }
  return segments
}

module.exports = { Playlist, initName, segmentName }
