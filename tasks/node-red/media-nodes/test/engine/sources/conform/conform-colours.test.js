'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, describe, it } = require('node:test')
const { realFfmpeg } = require('../../../../test-support/real-ffmpeg')
const { conformed } = require('../../../../test-support/measuring/conformed')
const { BARS, barsOf, codesOf, lookAt, make } = require('../../../../test-support/samples')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'colours-'))
after(() => fs.rmSync(folder, { recursive: true }))

const SD = { width: 256, height: 144, frameRate: 25 }
/** High definition is a matter of height. */
const HD = { width: 256, height: 720, frameRate: 25 }
const PICTURES = 5

let made = 0
/** A lossless file of bars. `tags` for FFmpeg's setparams; none: the file says nothing of its colours. */
function sample ({ width = 256, height = 144, pixels = 'yuv420p', tags = null, bars }) {
  const raw = barsOf({ width, height, ...bars })
  const filters = ['-vf', `setparams=${tags ?? 'range=tv'}`]
  return make(ffmpegPath, [
    '-f', 'rawvideo', '-pix_fmt', pixels, '-s', `${width}x${height}`, '-r', '25', '-i', '-', ...filters, '-c:v', 'ffv1', path.join(folder, `${made++}.mkv`)
  ], Buffer.concat(Array(PICTURES).fill(raw)))
}

const coded = (how, colours = BARS) => colours.map((colour) => codesOf(colour, how))
/** Near black a display's curve is so steep that the source's own rounding is seen. */
const PASTELS = BARS.map((colour) => colour.map((part) => 0.3 + 0.5 * part))
const TAGS = {
  bt601: 'range=tv:colorspace=smpte170m:color_primaries=smpte170m:color_trc=smpte170m',
  bt709: 'range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709'
}

async function assertBars (location, production, matrix, { colours = BARS, crop = false } = {}) {
  const { pictures, format, inUse, lastError } = await conformed({ kind: 'file', location, crop }, production, { ffmpegPath })
  assert.equal(pictures.length, PICTURES, lastError)
  assert.equal(inUse, 0)
  const [seen, expected] = [lookAt(pictures[2], format), coded({ matrix }, colours)]
  seen.forEach((codes, bar) => codes.forEach((code, part) =>
    assert.ok(Math.abs(code - expected[bar][part]) <= 2, `bar ${bar}: ${codes} instead of ${expected[bar].map(Math.round)}`)))
}

describe('colours come out as the production has them', { concurrency: 2 }, () => {
  it('BT.709 in a BT.709 production', () => assertBars(sample({ tags: TAGS.bt709, bars: { codes: coded({ matrix: 'bt709' }) } }), HD, 'bt709'))
  it('BT.709 in an SD production, which has BT.601', () => assertBars(sample({ tags: TAGS.bt709, bars: { codes: coded({ matrix: 'bt709' }) } }), SD, 'bt601'))
  it('BT.601 that says so', () => assertBars(sample({ tags: TAGS.bt601, bars: { codes: coded({ matrix: 'bt601' }) } }), HD, 'bt709'))
  it('SD that says nothing is BT.601', () => assertBars(sample({ bars: { codes: coded({ matrix: 'bt601' }) } }), HD, 'bt709'))
  it('HD that says nothing is BT.709', () => assertBars(sample({ height: 720, bars: { codes: coded({ matrix: 'bt709' }) } }), SD, 'bt601', { crop: true }))
  it('BT.601 as high as HD that says so', () =>
    assertBars(sample({ height: 720, tags: TAGS.bt601, bars: { codes: coded({ matrix: 'bt601' }) } }), HD, 'bt709'))
  it('full range', () => assertBars(sample({
    tags: 'range=pc:colorspace=bt709:color_primaries=bt709:color_trc=bt709', bars: { codes: coded({ matrix: 'bt709', isFull: true }) }
  }), HD, 'bt709'))
  it('4:2:2', () => assertBars(sample({ pixels: 'yuv422p', tags: TAGS.bt709, bars: { codes: coded({ matrix: 'bt709' }), down: 1 } }), HD, 'bt709'))
  it('4:4:4', () => assertBars(sample({ pixels: 'yuv444p', tags: TAGS.bt709, bars: { codes: coded({ matrix: 'bt709' }), across: 1, down: 1 } }), HD, 'bt709'))
  it('4:2:0 of 10 bit', () => assertBars(sample({
    pixels: 'yuv420p10le', tags: TAGS.bt709, bars: { codes: coded({ matrix: 'bt709', bits: 10 }), bits: 10 }
  }), HD, 'bt709'))
  it('4:2:2 of 10 bit', () => assertBars(sample({
    pixels: 'yuv422p10le', tags: TAGS.bt709, bars: { codes: coded({ matrix: 'bt709', bits: 10 }), bits: 10, down: 1 }
  }), SD, 'bt601'))
  it('RGB', () => assertBars(sample({
    pixels: 'rgb24', tags: 'range=pc', bars: { codes: BARS.map((colour) => colour.map((part) => part * 255)), isPacked: true }
  }), HD, 'bt709'))
  it('RGB in an SD production', () => assertBars(sample({
    pixels: 'rgb24', tags: 'range=pc', bars: { codes: BARS.map((colour) => colour.map((part) => part * 255)), isPacked: true }
  }), SD, 'bt601'))
  it('BT.2020 of standard brightness: other primaries, and the same colours', () => assertBars(sample({
    pixels: 'yuv420p10le',
    tags: 'range=tv:colorspace=bt2020nc:color_primaries=bt2020:color_trc=bt2020-10',
    bars: { codes: coded({ matrix: 'bt2020', bits: 10 }, PASTELS.map(inBt2020)), bits: 10 }
  }), HD, 'bt709', { colours: PASTELS }))
})

describe('patterns', { concurrency: 2 }, () => {
  for (const [name, production, matrix] of [['HD', HD, 'bt709'], ['SD', SD, 'bt601']]) {
    it(`a colour, ${name}`, async () => {
      const { pictures, format } = await conformed({ kind: 'pattern', pattern: 'colour', colour: '#c08020' }, production, { ffmpegPath, ticks: 2 })
      const expected = codesOf([0xc0 / 255, 0x80 / 255, 0x20 / 255], { matrix })
      for (const [part, code] of lookAt(pictures[1], format, 8)[1].entries()) assert.ok(Math.abs(code - expected[part]) <= 2, `${code} instead of ${expected[part]}`)
    })
    it(`the test card, ${name}`, async () => {
      const { pictures, format } = await conformed({ kind: 'pattern', pattern: 'test-card' }, production, { ffmpegPath, ticks: 2 })
      const PRIMARIES_AND_MIXES = [[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1]]
      // In its last rows, which nothing crosses.
      const at = (bar) => format.planes.map(([start, width, height]) => pictures[1][start + (height - 1) * width + Math.floor(width * (bar + 0.5) / 6)])
      for (const [bar, colour] of PRIMARIES_AND_MIXES.entries()) {
        const expected = codesOf(colour, { matrix })
        for (const [part, code] of at(bar).entries()) assert.ok(Math.abs(code - expected[part]) <= 2, `bar ${bar}: ${at(bar)} instead of ${expected}`)
      }
    })
    it(`SMPTE bars, ${name}`, async () => {
      const { pictures, format } = await conformed({ kind: 'pattern', pattern: 'smpte-bars' }, production, { ffmpegPath, ticks: 2 })
      // RP 219: 40 % grey for an eighth of the width, then seven bars of 75 %.
      const at = (bar) => format.planes.map(([start, width, height]) => pictures[1][start + (height >> 3) * width + Math.floor(width * (1 / 8 + 3 / 4 * (bar + 0.5) / 7))])
      for (const [bar, colour] of BARS.slice(0, 7).entries()) {
        const expected = codesOf(colour, { matrix })
        for (const [part, code] of at(bar).entries()) assert.ok(Math.abs(code - expected[part]) <= 2, `bar ${bar}: ${at(bar)} instead of ${expected}`)
      }
    })
  }
})

/** A colour of BT.709 by BT.2020's primaries (ITU-R BT.2087), both by a display's 2.4. */
function inBt2020 (colour) {
  const linear = colour.map((part) => part ** 2.4)
  return [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    .map((row) => row.reduce((sum, weight, at) => sum + weight * linear[at], 0) ** (1 / 2.4))
}

/** SMPTE ST 2084: nits of light as 0..1. */
function pq (nits) {
  const power = (nits / 10_000) ** 0.1593017578125
  return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
}

/** ITU-R BT.2100's HLG of what a display of 1000 nits shows with so many. */
function hlg (nits) {
  const scene = (nits / 1000) ** (1 / 1.2)
  return scene <= 1 / 12 ? Math.sqrt(3 * scene) : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073
}

describe('HDR is tone-mapped', { concurrency: 2 }, () => {
  const NITS = [0, 5, 26, 50, 100, 203, 500, 1000]
  for (const [name, transfer, curve] of [['PQ', 'smpte2084', pq], ['HLG', 'arib-std-b67', hlg]]) {
    it(name, async () => {
      const location = sample({
        pixels: 'yuv420p10le',
        tags: `range=tv:colorspace=bt2020nc:color_primaries=bt2020:color_trc=${transfer}`,
        bars: { codes: NITS.map((nits) => codesOf(Array(3).fill(curve(nits)), { matrix: 'bt2020', bits: 10 })), bits: 10 }
      })
      const { pictures, format } = await conformed({ kind: 'file', location }, HD, { ffmpegPath })
      const seen = lookAt(pictures[2], format, NITS.length)
      const luma = seen.map(([y]) => y)
      // What is darker than 70 % of white (BT.2408: 203 nits) keeps its light: BT.1886's 2.4.
      for (const bar of [0, 1, 2, 3, 4]) {
        const expected = 16 + 219 * (NITS[bar] / 203) ** (1 / 2.4)
        assert.ok(Math.abs(luma[bar] - expected) <= 2, `${NITS[bar]} nits: ${luma[bar]} instead of ${Math.round(expected)}`)
      }
      assert.ok(luma[5] >= 215 && luma[5] < luma[6] && luma[6] < luma[7] && luma[7] >= 233 && luma[7] <= 235, `bright: ${luma.slice(5)}`)
      for (const [, cb, cr] of seen) assert.ok(Math.abs(cb - 128) <= 1 && Math.abs(cr - 128) <= 1, `grey stays grey: ${cb}, ${cr}`)
    })
  }
})
