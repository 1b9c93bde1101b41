'use strict'

const zlib = require('node:zlib')
const { Fragments } = require('../packaging/fragments')
const { NoRoom } = require('../storage/disk-room')

/** What is not yet kept is lost with the process: so much (s) of the programme at most. */
const PIECE_SECONDS = 2
/** Timestamps that jump by more (s) are a gap; sound and pictures differ by less. */
const GAP_SECONDS = 0.1
/** Half a picture's time may be rounding, a whole one is missing. */
const HIDDEN_FRAMES = 0.5

/** One file of a recording: takes the muxer's bytes, keeps them piece by piece, and counts what is in them. */
class Recorder {
  /** Since the file began: what is in it. */
  bytes = 0
  frames = 0
  seconds = 0
  crc32 = '00000000'
  /** Why nothing is kept now; null while it is. */
  trouble = null
  #store
  #frameSeconds
  #onGap
  #onKept
  #fragments = new Fragments()
  #waiting = []

  /**
   * @param {object} store `add(bytes, counts)` (see Spool)
   * @param {number} frameSeconds how long a picture lasts
   * @param {(atSeconds: number, seconds: number) => void} onGap told when the file has less than was on air
   * @param {() => void} onKept told after each piece
   */
  constructor (store, frameSeconds, onGap, onKept) {
    this.#store = store
    this.#frameSeconds = frameSeconds
    this.#onGap = onGap
    this.#onKept = onKept
  }

  /** Take what the muxer wrote. */
  async feed (bytes) {
    for (const piece of this.#fragments.feed(bytes)) {
      this.#waiting.push(piece)
      if (this.#isEnough()) await this.flush()
    }
  }

  /** Keep what waits. */
  async flush () {
    const fragments = this.#waiting.filter(({ init }) => !init)
    if (fragments.length === 0) return
    const bytes = Buffer.concat(this.#waiting.map((piece) => piece.init ?? piece.bytes))
    const counts = {
      offset: this.bytes,
      frames: fragments.reduce((sum, { frames }) => sum + frames, this.frames),
      milliseconds: Math.round(1000 * endOf(fragments, this.seconds)),
      crc32: zlib.crc32(bytes, Number.parseInt(this.crc32, 16)).toString(16).padStart(8, '0')
    }
    try {
      await this.#store.add(bytes, counts)
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error
      this.trouble = `NoRoom: ${error.message}`
      // Without its beginning nothing that follows can be played.
      this.#waiting = this.#waiting.filter(({ init }) => init)
      return
    }
    this.trouble = null
    this.#findGaps(fragments)
    this.bytes += bytes.length
    this.frames = counts.frames
    this.crc32 = counts.crc32
    this.#waiting = []
    this.#onKept()
  }

  #isEnough () {
    const seconds = this.#waiting.reduce((sum, piece) => sum + (piece.seconds ?? 0), 0)
    return seconds >= PIECE_SECONDS || (this.bytes === 0 && seconds > 0)
  }

  #findGaps (fragments) {
    for (const { startSeconds, seconds, frames } of fragments) {
      if (startSeconds === null) continue
      const missing = startSeconds - this.seconds
      if (missing > GAP_SECONDS) this.#onGap(this.seconds, missing)
      // The muxer shows the last picture before a gap until the next one.
      const hidden = seconds - frames * this.#frameSeconds
      if (hidden > this.#frameSeconds * HIDDEN_FRAMES) this.#onGap(startSeconds + seconds - hidden, hidden)
      this.seconds = startSeconds + seconds
    }
  }
}

/** Where the last of them ends (s); `otherwise` without pictures. */
function endOf (fragments, otherwise) {
  const last = fragments.findLast(({ startSeconds }) => startSeconds !== null)
  return last ? last.startSeconds + last.seconds : otherwise
}

module.exports = { Recorder }
