'use strict'

const { Playlist } = require('../packaging/playlist')

const WHOLE = 'whole.m3u8'
/** Of a window of 30 segments, so that nothing has left it that this one has not told of. A show of 12 hours makes a list of 2 MB. */
const SEGMENTS_A_LIST = 10

/**
 * The list of all segments of a show, from its first on: an EVENT playlist while it is live, to which more is added now and then, and the whole
 * programme once it has ended.
 *
 * It is a playlist of its own, because a window may not get its old segments back (RFC 8216, 6.2.2), and because players load a live playlist
 * anew every few seconds.
 */
class WholePlaylist {
  #told = null
  #waiting = 0

  /** @param {string} text of the one that a process before has written; empty without one */
  constructor (text) {
    this.#told = Playlist.read(text)
    if (this.#told) this.#told.type = 'EVENT'
  }

  /**
   * What a window has that is new.
   *
   * @param {Playlist} window
   * @returns {boolean} whether it is time to publish this one
   */
  follow (window) {
    if (window.segments.length === 0) return false
    if (!this.#told) {
      this.#told = new Playlist(window.targetSeconds, window.first)
      this.#told.type = 'EVENT'
    }
    const fresh = window.segments.filter(({ number }) => number >= this.#told.next)
    for (const segment of fresh) this.#told.follow(segment)
    this.#waiting += fresh.length
    const isDue = this.#waiting >= SEGMENTS_A_LIST || window.isEnded !== this.#told.isEnded
    this.#told.isEnded = window.isEnded
    if (isDue) this.#waiting = 0
    return isDue
  }

  toString () {
    return String(this.#told)
  }
}

module.exports = { WHOLE, WholePlaylist }
