'use strict'

/**
 * A number that a machine reads from a picture: white, black, then 16 bits, a cell each, in one of three rows at the top. Sources that
 * use different rows can be told apart, and read, in the midst of a mix of them.
 */

const BITS = 16
const [WHITE, BLACK] = [235, 16]
const CELLS = BITS + 2
const ROWS = { one: 0, two: 1, three: 2 }
const ROW_HEIGHT = 16
/** Cells that differ by less cannot be told apart for sure. */
const LEAST_CONTRAST = 24

const cellWidth = (format) => Math.floor(format.width / CELLS / 2) * 2

/** Write a number into a picture (yuv420p). */
function writeCode (bytes, format, row, number) {
  const cells = [WHITE, BLACK, ...Array.from({ length: BITS }, (_, bit) => (number >> bit) & 1 ? WHITE : BLACK)]
  const line = Buffer.alloc(cellWidth(format) * CELLS)
  cells.forEach((value, cell) => line.fill(value, cell * cellWidth(format), (cell + 1) * cellWidth(format)))
  for (let y = ROWS[row] * ROW_HEIGHT; y < (ROWS[row] + 1) * ROW_HEIGHT; y++) line.copy(bytes, y * format.width)
}

/** The number in a row of a picture; null when none can be read for sure. */
function readCode (bytes, format, row) {
  const y = (ROWS[row] + 0.5) * ROW_HEIGHT | 0
  const [white, black, ...bits] = Array.from({ length: CELLS }, (_, cell) => bytes[y * format.width + (cell + 0.5) * cellWidth(format) | 0])
  if (white - black < LEAST_CONTRAST) return null
  return bits.reduce((number, value, bit) => number + (value > (white + black) / 2 ? 2 ** bit : 0), 0)
}

module.exports = { writeCode, readCode, ROWS, ROW_HEIGHT }
