'use strict'

/** What one run of an ingest gives to its synchroniser: memory for pictures, and what came in it. */
class PictureIntake {
  /** How many pictures came. */
  count = 0
  /** The time of the newest, s. */
  seconds = 0
  #synchroniser
  #pool
  #incoming = null
  /** The first picture, until a second one comes. */
  #only = null

  /**
   * @param {FrameSynchroniser} synchroniser
   * @param {PicturePool} pool
   */
  constructor (synchroniser, pool) {
    this.#synchroniser = synchroniser
    this.#pool = pool
  }

  /** Begin with a new run. */
  begin () {
    this.drop()
    this.count = this.seconds = 0
    this.#synchroniser.clear()
  }

  /** Memory for what comes, as NutReader asks for it. */
  take ({ kind }, size) {
    if (kind !== 'picture') return new Uint8Array(size)
    if (size !== this.#pool.pictureBytes) throw new Error(`a picture of ${size} bytes came, not of ${this.#pool.pictureBytes}`)
    this.#incoming = this.#pool.take()
    return this.#incoming.bytes
  }

  /** It has come; true for a picture. */
  arrived ({ kind, timeBase }, pts, memory) {
    const seconds = pts * timeBase.numerator / timeBase.denominator
    if (kind !== 'picture') {
      this.#synchroniser.addSound(new Float32Array(memory.buffer), seconds)
      return false
    }
    const picture = this.#incoming
    this.#incoming = null
    this.#synchroniser.addPicture(picture, seconds)
    this.count += 1
    this.seconds = seconds
    this.#only?.release()
    this.#only = this.count === 1 ? picture.hold() : null
    return true
  }

  /** All has come. The synchroniser shows none before another waits behind it: one alone comes again. */
  finish (frameSeconds) {
    if (this.#only) this.#synchroniser.addPicture(this.#only, this.seconds + frameSeconds)
    this.#only = null
    this.drop()
  }

  /** Keep none. */
  drop () {
    this.#incoming?.release()
    this.#only?.release()
    this.#incoming = this.#only = null
  }
}

module.exports = { PictureIntake }
