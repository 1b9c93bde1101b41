'use strict'

/** Weights are parts of this: two bytes are multiplied at once, so they have 8 bits to grow into. */
const WHOLE = 256
const EVEN_BYTES = 0x00ff00ff
const HALF = 0x00800080

/**
 * Mix two pictures: `into` = `from` × (1 − position) + `to` × position, each byte rounded.
 *
 * @param {Uint32Array} from the picture's words; `to` and `into` as long
 * @param {number} position 0 (all `from`) to 1 (all `to`)
 */
function mix (from, to, position, into) {
  const second = Math.round(position * WHOLE)
  const first = WHOLE - second
  for (let at = 0; at < into.length; at++) {
    const a = from[at]
    const b = to[at]
    const even = Math.imul(a & EVEN_BYTES, first) + Math.imul(b & EVEN_BYTES, second) + HALF
    const odd = Math.imul((a >>> 8) & EVEN_BYTES, first) + Math.imul((b >>> 8) & EVEN_BYTES, second) + HALF
    into[at] = ((even >>> 8) & EVEN_BYTES) | (odd & ~EVEN_BYTES)
  }
}

/** How far a wipe has come on each axis: the new picture is what lies before the edge. */
const EDGES = {
  right: (position, width) => ({ from: 0, to: Math.round(position * width), across: true }),
  left: (position, width) => ({ from: width - Math.round(position * width), to: width, across: true }),
  down: (position, _, height) => ({ from: 0, to: Math.round(position * height), across: false }),
  up: (position, _, height) => ({ from: height - Math.round(position * height), to: height, across: false })
}
const WIPE_DIRECTIONS = Object.keys(EDGES)

/**
 * Wipe from one picture to another: the edge moves in `direction`, on whole chroma samples.
 *
 * @param {Buffer} from bytes of the old picture; `to` of the new one, `into` of what comes out
 * @param {number} position 0 (all `from`) to 1 (all `to`)
 * @param {string} direction one of WIPE_DIRECTIONS, where the edge moves to
 * @param {PictureFormat} format
 */
function wipe (from, to, position, direction, into, format) {
  const { from: least, to: most, across } = EDGES[direction](position, format.width >> 1, format.height >> 1)
  format.planes.forEach(([start, width, height], plane) => {
    const scale = plane === 0 ? 2 : 1
    from.copy(into, start, start, start + width * height)
    if (!across) {
      to.copy(into, start + least * scale * width, start + least * scale * width, start + most * scale * width)
      return
    }
    for (let row = start; row < start + width * height; row += width) {
      to.copy(into, row + least * scale, row + least * scale, row + most * scale)
    }
  })
}

module.exports = { mix, wipe, WIPE_DIRECTIONS }
