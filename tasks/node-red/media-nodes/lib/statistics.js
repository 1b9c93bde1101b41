'use strict'

const WINDOW_MS = 2000
/** FFmpeg begins with a burst of pictures: over a tenth of a second they would be 178 a second. */
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

/** What a chain has done since it began: counts go on over restarts of FFmpeg, rates are those of the running process. */
class Statistics {
  #clock
  #before = { frames: 0, droppedFrames: 0, duplicatedFrames: 0 }
  #run
  #bits
  #frameRate
  #bitRate

  constructor (clock) {
    this.#clock = clock
    this.beginRun()
  }

  /** A new FFmpeg process counts from zero again. */
  beginRun () {
    if (this.#run) for (const key of Object.keys(this.#before)) this.#before[key] += this.#run[key]
    this.#run = { frames: 0, droppedFrames: 0, duplicatedFrames: 0, speed: null }
    this.#bits = 0
    this.#frameRate = new Rate()
    this.#bitRate = new Rate()
  }

  /** @param {object} report of ProgressReader */
  addReport (report) {
    this.#run = report
    const now = this.#clock.now()
    this.#frameRate.add(now, report.frames)
    this.#bitRate.add(now, this.#bits)
  }

  /** @param {number} bytes size of one coded picture */
  addPicture (bytes) {
    this.#bits += bytes * 8
  }

  /** Frames of the running process alone. */
  get framesOfRun () {
    return this.#run.frames
  }

  /** Counts, frameRate (frames/s), bitRate (bit/s) and speed (1 is real time); null where nothing is known yet. */
  get figures () {
    return {
      frames: this.#before.frames + this.#run.frames,
      frameRate: rounded(this.#frameRate.perSecond, 2),
      bitRate: rounded(this.#bitRate.perSecond, 0),
      droppedFrames: this.#before.droppedFrames + this.#run.droppedFrames,
      duplicatedFrames: this.#before.duplicatedFrames + this.#run.duplicatedFrames,
      speed: this.#run.speed
    }
  }
}

module.exports = { Statistics }
