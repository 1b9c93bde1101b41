'use strict'

const { SampleTimeline } = require('../sound/sample-timeline')
const { SoundFollower } = require('../sound/sound-follower')
const { SAMPLE_RATE } = require('../clock/frame-rate')

/** Pictures that wait before the first is shown, against jitter. */
const DEPTH = 2
/** So many wait at most: of a live source the oldest goes, any other source is made to wait. */
const MOST = 6
/** The least number that waited after a tick, within so many ticks, tells how the two clocks stand: one is right. */
const WINDOW = 50
const [TOO_FEW, TOO_MANY] = [0, 2]
/** Over so many ticks without a new picture the sound of the last is heard again; then it is faded out. */
const CONCEALED_TICKS = 2

/**
 * Gives exactly one picture of a source at each tick of the production's clock, and the sound that belongs to it.
 *
 * A source that is too fast has a picture left out, one that is too slow has one repeated, as seldom as its clock asks for.
 * Sound follows the pictures, so the two stay together however far the clocks drift apart.
 */
class FrameSynchroniser {
  /** Pictures that were shown twice for the clock's or the jitter's sake, and those that were never shown. */
  repeated = 0
  skipped = 0
  #rate
  #isLive
  #waiting = []
  #shown = null
  #isFilled = false
  #timeline = new SampleTimeline()
  #sound = new SoundFollower(this.#timeline)
  #least = Infinity
  #ticks = 0
  #ticksAgain = 0
  #isBehind = false

  /**
   * @param {FrameRate} rate of the production
   * @param {object} how
   * @param {boolean} how.isLive whether the source's pictures come by a clock of its own, and must not be made to wait
   */
  constructor (rate, { isLive }) {
    this.#rate = rate
    this.#isLive = isLive
  }

  /** Whether the source is to wait: enough has come. Never true of a live one. */
  get isFull () {
    return !this.#isLive && this.#waiting.length >= MOST
  }

  /** How many pictures wait. */
  get depth () {
    return this.#waiting.length
  }

  /**
   * A picture has come.
   *
   * @param {Picture} picture which is held once for this, and released when it is over
   * @param {number} seconds its time in the source's own
   */
  addPicture (picture, seconds) {
    if (this.#isLive && this.#waiting.length >= MOST) this.#skip()
    this.#waiting.push({ picture, seconds })
  }

  /**
   * Sound has come.
   *
   * @param {Float32Array} samples left and right by turns
   * @param {number} seconds the time of its first in the source's own
   */
  addSound (samples, seconds) {
    this.#timeline.write(Math.round(seconds * SAMPLE_RATE), samples)
  }

  /** The source begins anew: what waits is of the run before, and its time means nothing any more. */
  clear () {
    while (this.#waiting.length > 0) this.#waiting.shift().picture.release()
    this.#lose()
    this.#timeline.clear()
    if (this.#shown) this.#shown.seconds = null
  }

  /**
   * One tick of the production's clock.
   *
   * @param {Float32Array} into is filled with the sound of this tick
   * @returns {{picture: Picture|null, isFresh: boolean}} the picture to show (null before the first), which stays the
   *   synchroniser's; `isFresh` is false when it was shown before
   */
  tick (into) {
    this.#isFilled ||= this.#waiting.length >= DEPTH
    const isFresh = this.#isFilled && this.#waiting.length > 0 && !this.#isBehind
    this.#isBehind = false
    if (isFresh) {
      this.#shown?.picture.release()
      this.#shown = this.#waiting.shift()
      this.#ticksAgain = 0
    } else if (this.#shown) this.#showAgain()
    const isHeard = this.#shown !== null && this.#shown.seconds !== null && this.#ticksAgain <= CONCEALED_TICKS
    this.#sound.read(isHeard ? Math.round(this.#shown.seconds * SAMPLE_RATE) : null, into)
    this.#judgeClock()
    return { picture: this.#shown?.picture ?? null, isFresh }
  }

  /** Nothing is kept any more. */
  close () {
    this.clear()
    this.#shown?.picture.release()
    this.#shown = null
  }

  #showAgain () {
    this.#ticksAgain += 1
    if (this.#ticksAgain <= CONCEALED_TICKS) this.repeated += 1
    // Once it has failed, some have to wait again: one by one they would be repeated in turn.
    else this.#lose()
  }

  #lose () {
    this.#isFilled = false
    this.#isBehind = false
    this.#ticks = 0
    this.#least = Infinity
  }

  #skip () {
    this.#waiting.shift().picture.release()
    this.skipped += 1
  }

  #judgeClock () {
    if (!this.#isLive || !this.#isFilled) return
    this.#least = Math.min(this.#least, this.#waiting.length)
    this.#ticks += 1
    if (this.#ticks < WINDOW) return
    if (this.#least >= TOO_MANY) this.#skip()
    this.#isBehind = this.#least === TOO_FEW
    this.#ticks = 0
    this.#least = Infinity
  }
}

module.exports = { FrameSynchroniser, DEPTH, MOST }
