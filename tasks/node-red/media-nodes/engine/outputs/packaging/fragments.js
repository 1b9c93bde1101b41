'use strict'

const { FULL_HEADER_BYTES, HEADER_BYTES, boxAt, boxIn, boxesNamed, flagsOf, versionOf } = require('./boxes')
const { TFHD, TRUN, isPictures, timescaleOf, trackIdOf } = require('./tracks')

/** sample_is_non_sync_sample (8.8.3.1). */
const NOT_SYNC = 0x10000

/** What FFmpeg writes between ftyp and the end of the file. */
const TOP_LEVEL = new Set(['ftyp', 'moov', 'styp', 'sidx', 'prft', 'emsg', 'free', 'moof', 'mdat', 'mfra'])

/** What comes is no fragmented MP4. */
class NoFragments extends Error {
  constructor (name) {
    super(`the muxer wrote the box ${JSON.stringify(name)} where ftyp, moov, moof or mdat belongs`)
    this.name = 'NoFragments'
  }
}

/** Whether the pictures of a moof begin with one that stands by itself, when they begin (s), how long they last (s), how many they are. */
class PictureTrack {
  #id
  #timescale
  #defaults

  constructor (moov) {
    const pictures = [...boxesNamed(moov, 'trak', HEADER_BYTES)].find(isPictures)
    this.#id = trackIdOf(pictures)
    this.#timescale = timescaleOf(pictures)
    const trex = [...boxesNamed(boxIn(moov, 'mvex'), 'trex', HEADER_BYTES)].find((box) => box.readUInt32BE(FULL_HEADER_BYTES) === this.#id)
    this.#defaults = { duration: trex.readUInt32BE(FULL_HEADER_BYTES + 8), flags: trex.readUInt32BE(FULL_HEADER_BYTES + 16) }
  }

  /** null when the fragment has no pictures. */
  read (moof) {
    const traf = [...boxesNamed(moof, 'traf', HEADER_BYTES)].find((box) => boxIn(box, 'tfhd').readUInt32BE(FULL_HEADER_BYTES) === this.#id)
    if (!traf) return null
    const tfdt = boxIn(traf, 'tfdt')
    const start = versionOf(tfdt) === 1 ? Number(tfdt.readBigUInt64BE(FULL_HEADER_BYTES)) : tfdt.readUInt32BE(FULL_HEADER_BYTES)
    const { duration, frames, flags } = this.#samplesOf(traf)
    return { startSeconds: start / this.#timescale, seconds: duration / this.#timescale, frames, isEntry: (flags & NOT_SYNC) === 0 }
  }

  #samplesOf (traf) {
    const defaults = this.#defaultsOf(boxIn(traf, 'tfhd'))
    let [duration, frames, firstFlags] = [0, 0, null]
    for (const trun of boxesNamed(traf, 'trun', HEADER_BYTES)) {
      const flags = flagsOf(trun)
      const count = trun.readUInt32BE(FULL_HEADER_BYTES)
      let at = FULL_HEADER_BYTES + 4 + (flags & TRUN.DATA_OFFSET ? 4 : 0)
      if (flags & TRUN.FIRST_FLAGS) {
        firstFlags ??= trun.readUInt32BE(at)
        at += 4
      }
      for (let number = 0; number < count; number++) {
        duration += flags & TRUN.DURATION ? trun.readUInt32BE(at) : defaults.duration
        if (flags & TRUN.DURATION) at += 4
        if (flags & TRUN.SIZE) at += 4
        if (flags & TRUN.FLAGS) {
          firstFlags ??= trun.readUInt32BE(at)
          at += 4
        }
        if (flags & TRUN.COMPOSITION) at += 4
      }
      firstFlags ??= defaults.flags
      frames += count
    }
    return { duration, frames, flags: firstFlags ?? defaults.flags }
  }

  #defaultsOf (tfhd) {
    const flags = flagsOf(tfhd)
    let at = FULL_HEADER_BYTES + 4 + (flags & TFHD.BASE_DATA_OFFSET ? 8 : 0) + (flags & TFHD.DESCRIPTION ? 4 : 0)
    const found = { ...this.#defaults }
    if (flags & TFHD.DURATION) {
      found.duration = tfhd.readUInt32BE(at)
      at += 4
    }
    if (flags & TFHD.SIZE) at += 4
    if (flags & TFHD.FLAGS) found.flags = tfhd.readUInt32BE(at)
    return found
  }
}

/**
 * Takes a fragmented MP4 apart, as FFmpeg writes it into a pipe: what a player needs first, then fragments (CMAF chunks), of which every
 * whole number makes a file that plays.
 */
class Fragments {
  #waiting = []
  #bytes = 0
  #whole = []
  #pictures = null

  /**
   * @param {Buffer} bytes as they come
   * @returns {object[]} once `{init: Buffer}`, then each fragment: `bytes`, and of its pictures `startSeconds`, `seconds`, `frames`,
   *   `isEntry` (a decoder can begin with it). One without pictures lasts no time.
   * @throws {NoFragments}
   */
  feed (bytes) {
    this.#waiting.push(bytes)
    this.#bytes += bytes.length
    const pieces = []
    for (let box = this.#nextBox(); box !== null; box = this.#nextBox()) {
      const piece = this.#take(box)
      if (piece) pieces.push(piece)
    }
    return pieces
  }

  /** The next box once all of it is here, else null. */
  #nextBox () {
    if (this.#bytes < HEADER_BYTES) return null
    if (this.#waiting[0].length < HEADER_BYTES) this.#join()
    const { size, name } = boxAt(this.#waiting[0], 0)
    if (size < HEADER_BYTES || !TOP_LEVEL.has(name)) throw new NoFragments(name)
    if (this.#bytes < size) return null
    if (this.#waiting[0].length < size) this.#join()
    const [all] = this.#waiting
    if (all.length > size) this.#waiting[0] = all.subarray(size)
    else this.#waiting.shift()
    this.#bytes -= size
    return { name, bytes: all.subarray(0, size) }
  }

  #join () {
    this.#waiting = [Buffer.concat(this.#waiting)]
  }

  #take ({ name, bytes }) {
    if (name === 'mfra') return null // an index of the whole file, at its end
    this.#whole.push(bytes)
    if (name === 'moov') {
      this.#pictures = new PictureTrack(bytes)
      return { init: this.#flush() }
    }
    if (name !== 'mdat') return null
    const moof = this.#whole.find((box) => boxAt(box, 0).name === 'moof')
    if (!moof || !this.#pictures) throw new NoFragments(name)
    const told = this.#pictures.read(moof) ?? { startSeconds: null, seconds: 0, frames: 0, isEntry: false }
    return { bytes: this.#flush(), ...told }
  }

  #flush () {
    const bytes = Buffer.concat(this.#whole)
    this.#whole = []
    return bytes
  }
}

module.exports = { Fragments, NoFragments }
