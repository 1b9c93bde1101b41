'use strict'

const { FrameRate } = require('../clock/frame-rate')

/** Pictures up to this height are standard definition: their colours are those of BT.601. */
const TALLEST_SD = 576
const BLACK_LUMA = 16
const NO_CHROMA = 128

/** Pictures of one production: yuv420p, limited range, a picture's planes one after the other. */
class PictureFormat {
  /**
   * @param {object} format
   * @param {number} format.width pixels, even
   * @param {number} format.height pixels, even
   * @param {number} format.frameRate frames/s
   */
  constructor ({ width, height, frameRate }) {
    this.told = { width, height, frameRate }
    this.width = width
    this.height = height
    this.rate = new FrameRate(frameRate)
    this.lumaBytes = width * height
    this.chromaBytes = (width >> 1) * (height >> 1)
    this.pictureBytes = this.lumaBytes + 2 * this.chromaBytes
  }

  /** FFmpeg's names of the colours that come out: matrix, primaries and transfer. */
  get colours () {
    return this.height > TALLEST_SD
      ? { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709' }
      : { matrix: 'smpte170m', primaries: this.rate.value === 25 || this.rate.value === 50 ? 'bt470bg' : 'smpte170m', transfer: 'smpte170m' }
  }

  /** Fill a picture with one colour; black without one. */
  fill (bytes, [luma, blue, red] = [BLACK_LUMA, NO_CHROMA, NO_CHROMA]) {
    bytes.fill(luma, 0, this.lumaBytes)
    bytes.fill(blue, this.lumaBytes, this.lumaBytes + this.chromaBytes)
    bytes.fill(red, this.lumaBytes + this.chromaBytes)
  }

  /** The three planes of a picture: [first byte, bytes a row, rows]. */
  get planes () {
    const chroma = [this.width >> 1, this.height >> 1]
    return [
      [0, this.width, this.height],
      [this.lumaBytes, ...chroma],
      [this.lumaBytes + this.chromaBytes, ...chroma]
    ]
  }
}

module.exports = { PictureFormat }
