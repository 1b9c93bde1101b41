'use strict'

/** A picture is told from the one before by so many of its words, spread over it: noise of a real camera changes some of them always. */
const PROBED_WORDS = 4096
/** Of the words that are looked at, fewer than this part changes in a frozen picture: a clock in a corner still moves. */
const STILL_PART = 0.0005
/** Black is video level 16; up to here it is as good as black (EBU R 103 lets it vary). */
const BLACK_LUMA = 24
/** Quieter than −60 dBFS is silence. */
const SILENT = 10 ** (-60 / 20)
/** So long it has to be so. */
const LASTS_MS = 2000

/** Looks at what a source gives, and tells when it has been frozen, black or silent for two seconds, as far as that is asked for. */
class SignalWatch {
  #asked
  #lumaWords
  #ticksToLast
  #ticks = { frozen: 0, black: 0, silence: 0 }
  #before = null

  /**
   * @param {string[]} asked of `frozen`, `black`, `silence`
   * @param {PictureFormat} format
   */
  constructor (asked, format) {
    this.#asked = asked
    this.#lumaWords = format.lumaBytes >> 2
    this.#ticksToLast = Math.ceil(LASTS_MS * format.rate.value / 1000)
  }

  /**
   * One new picture and its sound.
   *
   * @param {Uint32Array} words of the picture
   * @param {Float32Array} samples
   * @returns {string|null} what is wrong with them since a while; null when nothing is
   */
  look (words, samples) {
    if (this.#asked.length === 0) return null
    const probe = this.#probe(words)
    this.#count('frozen', this.#before !== null && changedPart(this.#before, probe) < STILL_PART)
    this.#count('black', isBlack(probe))
    this.#count('silence', samples.every((sample) => Math.abs(sample) < SILENT))
    this.#before = probe
    return this.#asked.find((fault) => this.#ticks[fault] >= this.#ticksToLast) ?? null
  }

  #count (fault, isSo) {
    this.#ticks[fault] = isSo ? this.#ticks[fault] + 1 : 0
  }

  #probe (words) {
    const step = Math.max(1, Math.floor(this.#lumaWords / PROBED_WORDS))
    const probe = new Uint32Array(Math.floor(this.#lumaWords / step))
    for (let index = 0; index < probe.length; index++) probe[index] = words[index * step]
    return probe
  }
}

function changedPart (before, now) {
  let changed = 0
  for (let index = 0; index < now.length; index++) if (before[index] !== now[index]) changed += 1
  return changed / now.length
}

/** Each word holds four luma values. */
function isBlack (probe) {
  return probe.every((word) => (word & 255) <= BLACK_LUMA && ((word >>> 8) & 255) <= BLACK_LUMA &&
    ((word >>> 16) & 255) <= BLACK_LUMA && (word >>> 24) <= BLACK_LUMA)
}

module.exports = { SignalWatch }
