'use strict'

const { CHANNELS, SampleTimeline } = require('../sound/sample-timeline')
const { SoundFollower } = require('../sound/sound-follower')
const { SAMPLE_RATE } = require('../clock/frame-rate')

/** Pictures that wait before the first is shown, against jitter. */
const DEPTH = 2
/** So many are read ahead of a source that can be made to wait. */
const READ_AHEAD = 6
/**
 * Of a live source what waits longer goes, ms. Its pictures come together with their sound, which FFmpeg's MPEG-TS senders, OBS among them, write up
 * to 0.35 s at once (half of `-muxdelay`: https://ffmpeg.org/ffmpeg.html).
 */
const LONGEST_WAIT_MS = 600
/** The least number that waited after a tick, within so many ticks, tells how the two clocks stand: one is right. */
const WINDOW = 50
const ENOUGH = 1
/** So many pictures more, or ms, wait while others may come late: for so many windows after the start, and after the last in which they were needed. */
const [SPARE, SPARE_MS, START_WINDOWS, LATE_WINDOWS] = [1, 50, 5, 30]
/** What came together before the first picture is shown, and so long (ms) after it, is old: the newest are shown. */
const SETTLE_MS = 100
/** After a gap what comes together may be how the source sends: so long (ms) is watched at first, more than sound is written at once. */
const FIRST_WINDOW_MS = 500
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
  #isLive
  #most
  #settleTicks
  #settling
  #firstWindow
  #spare
  #waiting = []
  #shown = null
  #isFilled = false
  #timeline = new SampleTimeline()
  #sound = new SoundFollower(this.#timeline)
  #least = Infinity
  #ticks = 0
  #isFirstWindow = true
  #spareWindows = START_WINDOWS
  #ticksAgain = 0

  /**
   * @param {FrameRate} rate of the production
   * @param {object} how
   * @param {boolean} how.isLive whether the source's pictures come by a clock of its own, and must not be made to wait
   */
  constructor (rate, { isLive }) {
    this.#isLive = isLive
    this.#settling = this.#settleTicks = rate.framesOf(SETTLE_MS)
    this.#firstWindow = rate.framesOf(FIRST_WINDOW_MS)
    this.#spare = Math.max(ENOUGH + SPARE, rate.framesOf(SPARE_MS))
    this.#most = isLive ? rate.framesOf(LONGEST_WAIT_MS) : READ_AHEAD
  }

  /** Whether the source is to wait: enough has come. Never true of a live one. */
  get isFull () {
    return !this.#isLive && this.#waiting.length >= this.#most
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
    if (this.#isLive && this.#waiting.length >= this.#most) this.#skip()
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
    this.#settling = this.#settleTicks
    this.#spareWindows = START_WINDOWS
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
    if (this.#isLive && this.#isFilled) this.#settle()
    const isFresh = this.#isFilled && this.#isReady(into.length / CHANNELS)
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

  /** The sound of a live picture may come after it: the newest waits for its own, unless there is none; the next one tells. */
  #isReady (samples) {
    const [first, second] = this.#waiting
    if (!this.#isLive || second || !first || this.#timeline.isEmpty) return first !== undefined
    return this.#timeline.has(Math.round(first.seconds * SAMPLE_RATE), samples)
  }

  #settle () {
    if (this.#settling === 0) return
    this.#settling -= 1
    while (this.#waiting.length > this.#spare + 1) this.#skip()
  }

  #showAgain () {
    this.#ticksAgain += 1
    if (this.#ticksAgain <= CONCEALED_TICKS) this.repeated += 1
    // Once it has failed, some have to wait again: one by one they would be repeated in turn.
    else this.#lose()
  }

  #lose () {
    this.#isFilled = false
    this.#ticks = 0
    this.#isFirstWindow = true
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
    if (this.#ticks < (this.#isFirstWindow ? this.#firstWindow : WINDOW)) return
    for (let left = this.#least; left > (this.#spareWindows > 0 ? this.#spare : ENOUGH); left--) this.#skip()
    this.#spareWindows = this.#least > ENOUGH ? Math.max(0, this.#spareWindows - 1) : LATE_WINDOWS
    this.#ticks = 0
    this.#isFirstWindow = false
    this.#least = Infinity
  }
}

module.exports = { FrameSynchroniser, READ_AHEAD }
