'use strict'

const { NoRoom } = require('../storage/disk-room')
const { Fragments } = require('./fragments')
const { HeldSamples } = require('./held-samples')
const { Playlist, initName, segmentName } = require('./playlist')

const PLAYLIST = 'live.m3u8'
/** Segments are never changed, a playlist is with each: RFC 8216, 6.2.1. */
const SEGMENT = { type: 'video/iso.segment', cacheControl: 'public, max-age=31536000, immutable' }
const INIT = { ...SEGMENT, type: 'video/mp4' }
/** A second: whoever serves many asks the origin once a second for all of them, and a player asks no sooner than after half a segment. */
const LIST = { type: 'application/vnd.apple.mpegurl', cacheControl: 'public, max-age=1' }

/** So many segments are in the window, and so many that have left it may still be asked for (6.2.2). */
const WINDOW = 30
const LINGER = 5
/** A process that died may have left as many as this, that nobody removes any more. */
const LEFT_OVER = 10
/** With the next one, a playlist has three target durations (6.2.2), also while there is no room. */
const LEAST = 2
/** Less than half a picture's time: timestamps that are so near go on. */
const SAME_SECONDS = 0.005
/** A fragment that begins on the production's clock comes so soon; what came before a packager began is given to it again. */
const LATEST_MS = 15_000
/** Clocks of computers are set a little now and then. */
const EARLIEST_MS = -2000
/** Lengths of segments are sums of fractions. */
const EXACT_SECONDS = 0.01

/**
 * Makes CMAF segments of fragments, and the playlist of them, and puts both into a store.
 *
 * It goes on from the playlist that it finds there. While there is no room it gives up the oldest segments, then the newest one.
 */
class Packager {
  #store
  #now
  #tell
  #segmentSeconds
  #targetSeconds
  #playlist = null
  #init = null
  #held = null
  #gathered = []
  #seconds = 0
  #clock = null
  #isDiscontinuous = true
  #hasBegun = false
  #removed = 0
  #isFull = false
  #gaveUp = false
  #inits = new Set()

  /**
   * @param {object} store `get(name)`, `put(name, bytes, {type, cacheControl})`, `remove(name)`, see FolderStore
   * @param {object} lengths `segmentSeconds`, and `groupSeconds` of a group of pictures: a segment is whole groups
   * @param {() => number} now ms since 1970
   * @param {(trouble: Error|null) => void} tell told when there is no room, and when there is again
   */
  constructor (store, { segmentSeconds, groupSeconds }, now, tell) {
    this.#store = store
    this.#now = now
    this.#tell = tell
    this.#segmentSeconds = Math.ceil((segmentSeconds - EXACT_SECONDS) / groupSeconds) * groupSeconds
    this.#targetSeconds = Math.ceil(this.#segmentSeconds - EXACT_SECONDS)
  }

  /** Find out where the one before has come to. */
  async open () {
    const found = Playlist.read(String(await this.#store.get(PLAYLIST) ?? ''))
    // By the clock, names are those of no other show: they are cached for long, and a playlist that was lost is not repeated.
    this.#playlist = found ?? new Playlist(this.#targetSeconds, Math.floor(this.#now() / 1000))
    this.#playlist.targetSeconds = Math.max(this.#playlist.targetSeconds, this.#targetSeconds)
    if (found && !found.isEnded) this.#clock = await this.#clockOf(found.segments.at(-1))
    this.#playlist.isEnded = false
    this.#inits = new Set(this.#playlist.segments.map(({ init }) => init))
    this.#removed = Math.max(0, this.#playlist.first - LINGER - LEFT_OVER)
  }

  /** Take a piece, see Fragments. */
  async take ({ init, ...fragment }) {
    if (init) {
      this.#held = new HeldSamples(init)
      this.#init = { bytes: init, number: this.#playlist.next, isPut: false }
      return
    }
    if (fragment.frames > 0) await this.#beginWith(fragment)
    if (!this.#hasBegun) return
    this.#gathered.push(fragment.bytes)
    const seconds = fragment.seconds - this.#held.cut(fragment.bytes)
    this.#seconds += seconds
    if (fragment.frames > 0) this.#clock.expected = fragment.startSeconds + seconds
    if (this.#seconds >= this.#segmentSeconds - EXACT_SECONDS) await this.#close()
  }

  /** What has come is the last segment of this run; when the show is over, no other will ever follow. */
  async end ({ isOver }) {
    await this.#close()
    if (!isOver || this.#playlist.segments.length === 0) return
    this.#playlist.isEnded = true
    await this.#inRoom(() => this.#putPlaylist())
  }

  /**
   * What the newest segment tells of the production's clock: `origin` (ms since 1970) is its time 0, and by it something `expected` (s)
   * follows. null when the segment is not there.
   */
  async #clockOf ({ number, init, seconds, at }) {
    const [first, rest] = await Promise.all([initName(init), segmentName(number)].map((name) => this.#store.get(name)))
    if (!first || !rest) return null
    const fragments = new Fragments().feed(Buffer.concat([first, rest])).filter(({ frames }) => frames > 0)
    const expected = Math.max(...fragments.map((fragment) => fragment.startSeconds + fragment.seconds))
    return { origin: at + (seconds - expected) * 1000, expected }
  }

  async #beginWith ({ startSeconds, seconds, isEntry }) {
    const end = (startSeconds + seconds) * 1000
    const isJump = this.#clock === null || Math.abs(startSeconds - this.#clock.expected) > SAME_SECONDS
    if (isJump) {
      const late = this.#clock ? this.#now() - this.#clock.origin - end : Infinity
      const isSameClock = late > EARLIEST_MS && late < LATEST_MS
      if (isSameClock && startSeconds < this.#clock.expected && !this.#hasBegun) return // the packager before has finished it
      await this.#close()
      this.#isDiscontinuous = true
      // It has just come, so it began as long ago as it lasts.
      if (!isSameClock) this.#clock = { origin: this.#now() - end }
    }
    this.#hasBegun ||= isEntry
    if (this.#gathered.length === 0) this.#clock.at = this.#clock.origin + startSeconds * 1000
  }

  async #close () {
    const bytes = Buffer.concat(this.#gathered)
    const [seconds, at] = [this.#seconds, this.#clock?.at]
    this.#gathered = []
    this.#seconds = 0
    if (seconds === 0) return
    this.#gaveUp = false
    const isPut = await this.#inRoom(() => this.#putSegment(bytes))
    if (isPut) this.#playlist.add({ seconds, at, init: this.#init.number, isDiscontinuous: this.#isDiscontinuous })
    // Of those that are missing, the next one does not go on.
    this.#isDiscontinuous = !isPut
    while (this.#playlist.segments.length > WINDOW) this.#playlist.leave()
    await this.#inRoom(() => this.#putPlaylist())
    if (!this.#gaveUp) this.#noteRoom(null)
    await this.#removeOlderThan(this.#playlist.first - LINGER)
  }

  async #putSegment (bytes) {
    if (!this.#init.isPut) await this.#store.put(initName(this.#init.number), this.#init.bytes, INIT)
    this.#init.isPut = true
    this.#inits.add(this.#init.number)
    await this.#store.put(segmentName(this.#playlist.next), bytes, SEGMENT)
  }

  async #putPlaylist () {
    await this.#store.put(PLAYLIST, Buffer.from(String(this.#playlist)), LIST)
  }

  /** @returns {Promise<boolean>} false when there was no room, although the oldest segments were given up */
  async #inRoom (put) {
    for (;;) {
      try {
        await put()
        return true
      } catch (error) {
        if (!(error instanceof NoRoom)) throw error
        this.#gaveUp = true
        this.#noteRoom(error)
        if (!(await this.#giveUpOldest())) return false
      }
    }
  }

  async #giveUpOldest () {
    if (this.#removed < this.#playlist.first) {
      await this.#removeOlderThan(this.#playlist.first)
      return true
    }
    if (this.#playlist.segments.length <= LEAST) return false
    this.#playlist.leave()
    await this.#removeOlderThan(this.#playlist.first)
    return true
  }

  async #removeOlderThan (number) {
    for (; this.#removed < number; this.#removed++) await this.#store.remove(segmentName(this.#removed))
    const needed = new Set([this.#init.number, ...this.#playlist.segments.map(({ init }) => init)])
    for (const init of [...this.#inits].filter((one) => !needed.has(one))) {
      await this.#store.remove(initName(init))
      this.#inits.delete(init)
    }
  }

  #noteRoom (trouble) {
    if ((trouble !== null) === this.#isFull) return
    this.#isFull = trouble !== null
    this.#tell(trouble)
  }
}

module.exports = { LIST, PLAYLIST, Packager }
