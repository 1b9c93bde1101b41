'use strict'

const { execFileSync } = require('node:child_process')

/** Red's and blue's part of luma: ITU-R BT.601, BT.709, BT.2020. */
const WEIGHTS = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] }
/** Bars of 75 % and greys, as [red, green, blue] of 0..1. */
const BARS = [
  [0.75, 0.75, 0.75], [0.75, 0.75, 0], [0, 0.75, 0.75], [0, 0.75, 0], [0.75, 0, 0.75], [0.75, 0, 0], [0, 0, 0.75], [0.4, 0.4, 0.4]
]

/** [Y', Cb, Cr] of a colour as numbers of a picture, not rounded. */
function codesOf ([red, green, blue], { matrix, isFull = false, bits = 8 }) {
  const [wr, wb] = WEIGHTS[matrix]
  const luma = wr * red + (1 - wr - wb) * green + wb * blue
  const [cb, cr] = [(blue - luma) / (2 - 2 * wb), (red - luma) / (2 - 2 * wr)]
  const unit = 2 ** (bits - 8)
  if (isFull) return [luma * (2 ** bits - 1), 128 * unit + cb * (2 ** bits - 1), 128 * unit + cr * (2 ** bits - 1)]
  return [(16 + 219 * luma) * unit, (128 + 224 * cb) * unit, (128 + 224 * cr) * unit]
}

/**
 * A raw picture of upright bars.
 *
 * @param {object} how `width`, `height`, `codes` (a bar's [Y', Cb, Cr] or [red, green, blue]), `across` and `down` (how many pixels share
 *   a chroma sample), `bits`, `isPacked` (a pixel's three numbers side by side)
 * @returns {Buffer}
 */
function barsOf ({ width, height, codes, across = 2, down = 2, bits = 8, isPacked = false }) {
  const bytes = bits > 8 ? 2 : 1
  const barAt = (x, count) => codes[Math.floor(x * codes.length / count)]
  const row = (count, numbers) => {
    const buffer = Buffer.alloc(count * numbers.length * bytes)
    for (let x = 0; x < count; x++) {
      numbers.forEach((index, at) => buffer.writeUIntLE(Math.round(barAt(x, count)[index]), (x * numbers.length + at) * bytes, bytes))
    }
    return buffer
  }
  if (isPacked) return Buffer.concat(Array(height).fill(row(width, [0, 1, 2])))
  const [wide, high] = [Math.ceil(width / across), Math.ceil(height / down)]
  return Buffer.concat([
    ...Array(height).fill(row(width, [0])), ...Array(high).fill(row(wide, [1])), ...Array(high).fill(row(wide, [2]))
  ])
}

/** What a picture of the production has in the middle of each bar, [Y', Cb, Cr]. */
function lookAt (bytes, format, count = BARS.length) {
  return Array.from({ length: count }, (_, bar) => format.planes.map(([start, width, height]) =>
    bytes[start + (height >> 1) * width + Math.floor((bar + 0.5) * width / count)]))
}

/** Make a file with FFmpeg; `input` is what it reads from its standard input. */
function make (ffmpegPath, args, input) {
  execFileSync(ffmpegPath, ['-v', 'error', '-y', ...args], { input, stdio: [input ? 'pipe' : 'ignore', 'ignore', 'inherit'] })
  return args.at(-1)
}

/** The box of what is brighter than half: left, top, width, height in pixels. */
function boxOf (bytes, { width, height }) {
  const [xs, ys] = [[], []]
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (bytes[y * width + x] > 125) { xs.push(x); ys.push(y) }
  const [left, right, top, bottom] = [least(xs), most(xs), least(ys), most(ys)]
  return { left, top, width: right - left + 1, height: bottom - top + 1 }
}

const least = (numbers) => numbers.reduce((a, b) => Math.min(a, b), Infinity)
const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b), -Infinity)

/** A channel's level in dB of full scale (a sine at full scale is -3), without the first and the last tenth of a second. */
function levelOf (sound, channel) {
  let [sum, count] = [0, 0]
  for (let index = 9600 + channel; index < sound.length - 9600; index += 2, count++) sum += sound[index] ** 2
  return 10 * Math.log10(sum / count)
}

/** A channel's frequency in Hz, by its zero crossings within the middle half. */
function frequencyOf (sound, channel) {
  const [from, to] = [Math.floor(sound.length / 8) * 2, Math.floor(sound.length * 3 / 8) * 2]
  let crossings = 0
  for (let index = from + 2 + channel; index < to; index += 2) if (sound[index - 2] < 0 && sound[index] >= 0) crossings += 1
  return crossings * 48_000 / ((to - from) / 2)
}

module.exports = { BARS, codesOf, barsOf, lookAt, make, boxOf, levelOf, frequencyOf }
