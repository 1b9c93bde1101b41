'use strict'

const { encode } = require('./encoded')
const { writeCode } = require('./bar-code')
const { sine, stereo } = require('../sounds')

/**
 * A part of a programme as its encoder gives it: numbered pictures and a tone.
 *
 * @param {string} ffmpegPath
 * @param {object} encoder see `encoderArguments`
 * @param {PictureFormat} format
 * @param {object} frames `first`, its number on the production's clock, and `count`
 * @returns {Promise<Buffer>} transport stream
 */
async function programmeStream (ffmpegPath, encoder, format, { first, count }) {
  const pictures = Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.alloc(format.pictureBytes)
    format.fill(bytes)
    writeCode(bytes, format, 'one', first + index)
    return bytes
  })
  const samples = format.rate.samplesUpTo(count)
  const { stream, errors } = await encode(ffmpegPath, encoder, format, pictures, stereo(samples / 48_000, sine(440, 0.3)), first)
  if (/error/.test(errors)) throw new Error(errors)
  return stream
}

module.exports = { programmeStream }
