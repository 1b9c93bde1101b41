'use strict'

const registerValve = require('./valve-common.js')

/**
 * Packed 10-bit 4:2:2 (Cb Y0 Cr Y1, 10 bits each, big endian) to 8-bit planes of 4:2:0. Refuses what codecadon 0.1.18
 * refuses: other packings and odd widths (src/Packer.cc:78-92), and a picture that is too short (149).
 */
module.exports = (RED) => registerValve(RED, 'packer', (config) => {
  let size
  return {
    setInfo (tags) {
      if (tags.packing !== 'pgroup') throw new Error(`Unsupported source format '${tags.packing}'`)
      if (config.dstFormat !== '420P') throw new Error(`Unsupported destination packing type '${config.dstFormat}'`)
      size = { width: +tags.width, height: +tags.height }
      if (size.width % 2) throw new Error(`Width must be divisible by 2 - src ${size.width}`)
      return Object.assign({}, tags, { packing: '420P', depth: 8, sampling: 'YCbCr-4:2:0' })
    },
    process (bytes, done) {
      if (bytes.length < size.width * size.height * 5 / 2) return done(new Error('Insufficient source buffer for conversion'))
      done(null, to420P(bytes, size))
    },
    close () {}
  }
})

function to420P (packed, { width, height }) {
  const luma = width * height
  const planes = Buffer.alloc(luma * 3 / 2)
  let from = 0
  for (let y = 0; y < height; y++) {
    let blue = luma + (y >> 1) * width / 2
    let red = blue + luma / 4
    for (let x = y * width; x < (y + 1) * width; x += 2, from += 5, blue++, red++) {
      planes[x] = (packed[from + 1] & 0x3f) << 2 | packed[from + 2] >> 6
      planes[x + 1] = (packed[from + 3] & 0x03) << 6 | packed[from + 4] >> 2
      if (y % 2) continue
      planes[blue] = packed[from]
      planes[red] = (packed[from + 2] & 0x0f) << 4 | packed[from + 3] >> 4
    }
  }
  return planes
}
