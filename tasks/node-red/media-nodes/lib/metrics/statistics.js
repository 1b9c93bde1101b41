'use strict'

const WINDOW_MS = 2000
/** An encoder begins with a burst of pictures: over a tenth of a second they would be 178 a second. */
const LEAST_SPAN_MS = 1000

/** A rate over the last two seconds of a counter that only grows. */
class Rate {
  #samples = []

  add (now, total) {
    this.#samples.push({ now, total })
    while (this.#samples.length > 2 && this.#samples[1].now <= now - WINDOW_MS) this.#samples.shift()
  }

  /** Per second, null before the samples are a second apart. */
  get perSecond () {
    if (this.#samples.length < 2) return null
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    return last.now - first.now < LEAST_SPAN_MS ? null : (last.total - first.total) * 1000 / (last.now - first.now)
  }
}

function rounded (value, digits) {
  return value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits
}

/** Counts of a run; a chain without a link has none of the last two. */
const NOTHING = { frames: 0, droppedFrames: 0, duplicatedFrames: 0, linkLostPackets: null, linkReconnects: null }

/** What a chain has done since it began: counts go on when its engine is started again, rates are those of the running one. */
class Statistics {
  /** Frames/s of the chain's format; undefined while it has none. */
  nominalRate
  #clock
  #before = { ...NOTHING }
  #run
  #frameRate
  #bitRate

  /**
   * @param {object} clock see clock.js
   * @param {number} nominalRate frames/s of the chain's format
   */
  constructor (clock, nominalRate) {
    this.#clock = clock
    this.nominalRate = nominalRate
    this.beginRun()
  }

  /** A new engine counts from zero again. */
  beginRun () {
    if (this.#run) this.#before = this.#counts
    this.#run = NOTHING
    this.#frameRate = new Rate()
    this.#bitRate = new Rate()
  }

  /**
   * @param {object} report of the engine: frames, droppedFrames, duplicatedFrames, bits (of coded pictures), since it began; linkLostPackets and
   *   linkReconnects, null without a link
   */
  addReport (report) {
    this.#run = report
    const now = this.#clock.now()
    this.#frameRate.add(now, report.frames)
    this.#bitRate.add(now, report.bits)
  }

  /** Counts, frameRate (frames/s), bitRate (bit/s) and speed (1 is real time); null where nothing is known yet. */
  get figures () {
    const frameRate = this.#frameRate.perSecond
    const { frames, droppedFrames, duplicatedFrames, linkLostPackets, linkReconnects } = this.#counts
    return {
      frames,
      frameRate: rounded(frameRate, 2),
      bitRate: rounded(this.#bitRate.perSecond, 0),
      droppedFrames,
      duplicatedFrames,
      speed: frameRate === null || !this.nominalRate ? null : rounded(frameRate / this.nominalRate, 2),
      linkLostPackets,
      linkReconnects
    }
  }

  get #counts () {
    const sum = (one, other) => one === null ? other : one + (other ?? 0)
    return Object.fromEntries(Object.keys(NOTHING).map((key) => [key, sum(this.#before[key], this.#run[key])]))
  }
}

module.exports = { Statistics }
