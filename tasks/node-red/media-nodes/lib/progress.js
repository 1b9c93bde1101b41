'use strict'

const { LineSplitter } = require('./line-splitter')

/** FFmpeg writes N/A before it knows; that is null here, never NaN. */
function numberIn (text) {
  const value = Number.parseFloat(text)
  return Number.isFinite(value) ? value : null
}

/** Reads what FFmpeg writes with `-progress`: blocks of key=value lines, each ended by `progress=`. */
class ProgressReader {
  #lines = new LineSplitter()
  #block = {}

  /**
   * @param {string} chunk text as it came from the pipe
   * @returns {object[]} one report for each finished block: frames, droppedFrames, duplicatedFrames (counted from the
   *   process's start), speed (1 is real time; null while unknown)
   */
  feed (chunk) {
    const reports = []
    for (const line of this.#lines.feed(chunk)) {
      const [key, value] = line.split('=', 2)
      this.#block[key.trim()] = value?.trim()
      if (key !== 'progress') continue
      reports.push({
        frames: numberIn(this.#block.frame) ?? 0,
        droppedFrames: numberIn(this.#block.drop_frames) ?? 0,
        duplicatedFrames: numberIn(this.#block.dup_frames) ?? 0,
        speed: numberIn(this.#block.speed)
      })
      this.#block = {}
    }
    return reports
  }
}

module.exports = { ProgressReader }
