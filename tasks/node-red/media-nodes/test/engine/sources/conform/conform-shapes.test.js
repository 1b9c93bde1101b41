'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, describe, it } = require('node:test')
const { realFfmpeg } = require('../../../../test-support/real-ffmpeg')
const { conformed } = require('../../../../test-support/measuring/conformed')
const { boxOf, make } = require('../../../../test-support/samples')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shapes-'))
after(() => fs.rmSync(folder, { recursive: true }))

const WIDE = { width: 256, height: 144, frameRate: 25 }
let made = 0
const file = (extension) => path.join(folder, `${made++}.${extension}`)

/** White on grey 40: a box in the middle, `box` pixels of the file wide and high, of a picture `size` with this pixel aspect. */
function boxed ({ size: [width, height], sar = '1', box: [wide, high] = [height >> 1, height >> 1], background = 'gray', extension = 'mkv', args = ['-c:v', 'ffv1'] }) {
  const draw = `drawbox=x=${(width - wide) >> 1}:y=${(height - high) >> 1}:w=${wide}:h=${high}:color=white:t=fill`
  return make(ffmpegPath, [
    '-f', 'lavfi', '-i', `color=color=${background}:size=${width}x${height}:rate=25,format=yuv444p,${draw},format=yuv420p,setsar=${sar}`, '-frames:v', '4', ...args,
    file(extension)
  ])
}

/** The box of the source's picture and that of what is white in it, as they come out. */
async function seen (location, production = WIDE, more = {}) {
  const { pictures, format, lastError, inUse } = await conformed({ kind: 'file', location, ...more }, production, { ffmpegPath })
  assert.ok(pictures.length > 0, lastError)
  assert.equal(inUse, 0)
  const bright = Buffer.from(pictures[0].map((luma) => luma > 180 ? 255 : 0))
  return { box: boxOf(bright, format), picture: boxOf(Buffer.from(pictures[0].map((luma) => luma > 60 ? 255 : 0)), format) }
}

const near = (actual, expected, what, by = 2) => assert.ok(Math.abs(actual - expected) <= by, `${what}: ${actual} instead of ${expected}`)

describe('shapes', { concurrency: 2 }, () => {
  it('1440x1080 of 4:3 pixels fills 16:9, and a square is drawn 4:3 wide', async () => {
    const { box, picture } = await seen(boxed({ size: [1440, 1080], sar: '4/3' }))
    assert.deepEqual([picture.width, picture.height], [256, 144])
    near(box.width, 96, 'width')
    near(box.height, 72, 'height')
  })

  it('720x576 of 64:45 pixels is 16:9', async () => {
    const { box, picture } = await seen(boxed({ size: [720, 576], sar: '64/45' }))
    assert.deepEqual([picture.width, picture.height], [256, 144])
    near(box.width / box.height, 64 / 45, 'ratio', 0.04)
  })

  it('4:3 in 16:9 has bars at its sides, cropped it has none', async () => {
    const location = boxed({ size: [320, 240], box: [80, 80] })
    const { box, picture } = await seen(location)
    assert.deepEqual(picture, { left: 32, top: 0, width: 192, height: 144 })
    near(box.width, 48, 'width')
    near(box.height, 48, 'height')
    const cropped = await seen(location, WIDE, { crop: true })
    assert.deepEqual([cropped.picture.width, cropped.picture.height], [256, 144])
    near(cropped.box.width, 64, 'width')
    near(cropped.box.height, 64, 'height')
  })

  it('wider than the production has bars above and below', async () => {
    const { picture } = await seen(boxed({ size: [512, 144] }))
    assert.deepEqual(picture, { left: 0, top: 36, width: 256, height: 72 })
  })

  it('16:9 in an upright production', async () => {
    const { picture, box } = await seen(boxed({ size: [256, 144] }), { width: 144, height: 256, frameRate: 25 })
    near(picture.height, 81, 'height', 1)
    assert.equal(picture.width, 144)
    near(box.width, box.height, 'a square')
  })

  it('odd sizes', async () => {
    const { box, picture } = await seen(boxed({ size: [321, 241], box: [100, 100], args: ['-vf', 'format=yuv444p', '-c:v', 'ffv1'] }))
    near(picture.height, 144, 'height', 0)
    near(picture.width, 192, 'width')
    near(box.width, box.height, 'a square')
  })

  for (const [angle, size] of [[90, [81, 144]], [180, [256, 144]], [270, [81, 144]]]) {
    it(`a rotation of ${angle} degrees`, async () => {
      const plain = make(ffmpegPath, [
        '-f', 'lavfi', '-i', 'color=color=gray:size=256x144:rate=25,drawbox=x=0:y=0:w=64:h=32:color=white:t=fill,format=yuv420p', '-frames:v', '4',
        '-c:v', 'libx264', '-qp', '0', file('mp4')
      ])
      const turned = make(ffmpegPath, ['-display_rotation', String(angle), '-i', plain, '-c', 'copy', file('mp4')])
      const { box, picture } = await seen(turned)
      near(picture.width, size[0], 'width')
      near(picture.height, size[1], 'height')
      // Counter-clockwise: the upper left corner comes to the lower left, the lower right, the upper right.
      const corner = [box.left < 128 ? 'left' : 'right', box.top < 72 ? 'upper' : 'lower']
      assert.deepEqual(corner, { 90: ['left', 'lower'], 180: ['right', 'lower'], 270: ['right', 'upper'] }[angle])
    })
  }

  it('another size in mid-stream, which is named', async () => {
    const part = (how) => fs.readFileSync(boxed({ ...how, extension: 'ts', args: ['-c:v', 'libx264', '-qp', '0', '-g', '1', '-bf', '0'] }))
    const location = file('ts')
    fs.writeFileSync(location, Buffer.concat([part({ size: [320, 240] }), part({ size: [640, 360], box: [180, 180] })]))
    const { pictures, format, notice } = await conformed({ kind: 'file', location }, WIDE, { ffmpegPath })
    assert.match(notice, /changed/)
    near(pictures.length, 8, 'pictures', 1)
    const shape = (bytes) => boxOf(Buffer.from(bytes.map((luma) => luma > 60 ? 255 : 0)), format)
    assert.deepEqual(shape(pictures[0]), { left: 32, top: 0, width: 192, height: 144 })
    assert.deepEqual(shape(pictures.at(-1)), { left: 0, top: 0, width: 256, height: 144 })
    const white = boxOf(Buffer.from(pictures.at(-1).map((luma) => luma > 180 ? 255 : 0)), format)
    near(white.width, white.height, 'a square')
  })
})

describe('interlaced', { concurrency: 2 }, () => {
  /** A white bar that moves 8 pixels a field: of `order` the first field is the earlier one. */
  function fields (order, args, extension) {
    const mode = { top: 'interleave_top', bottom: 'interleave_bottom' }[order]
    return make(ffmpegPath, [
      '-f', 'lavfi', '-i', `color=color=gray:size=256x144:rate=50,drawbox=color=white:w=16:h=144:t=fill:x=0,geq=lum='if(between(X,8*N,8*N+15),235,80)':cb=128:cr=128,tinterlace=mode=${mode},setfield=${order === 'top' ? 'tff' : 'bff'},format=yuv420p`,
      '-frames:v', '12', ...args, file(extension)
    ])
  }
  const H264 = (order) => ['-c:v', 'libx264', '-qp', '0', '-flags', '+ildct+ilme', '-x264-params', order === 'top' ? 'tff=1' : 'bff=1', '-field_order', order === 'top' ? 'tt' : 'bb']
  const MPEG2 = () => ['-c:v', 'mpeg2video', '-q:v', '1', '-flags', '+ildct+ilme']

  /** Where the bar is in each row of the middle. */
  const places = (bytes, { width, height }) => Array.from({ length: height - 40 }, (_, row) => {
    const line = bytes.subarray((row + 20) * width, (row + 21) * width)
    return line.findIndex((luma) => luma > 157)
  })

  for (const order of ['top', 'bottom']) {
    for (const [name, args, extension] of [['H.264', H264, 'mp4'], ['MPEG-2', MPEG2, 'ts']]) {
      it(`${name}, ${order} field first: no combs, and every field in its time at 50 pictures/s`, async () => {
        const { pictures, format } = await conformed({ kind: 'file', location: fields(order, args(order), extension) }, { ...WIDE, frameRate: 50 }, { ffmpegPath })
        near(pictures.length, 24, 'pictures', 2)
        const middle = pictures.slice(4, 20).map((bytes) => places(bytes, format))
        for (const rows of middle) assert.ok(Math.max(...rows) - Math.min(...rows) <= 2, `combs: ${rows}`)
        const steps = middle.slice(1).map((rows, index) => rows[50] - middle[index][50])
        for (const step of steps) near(step, 8, `steps ${steps}`, 1)
      })
    }
  }

  it('at 25 pictures/s: no combs', async () => {
    const { pictures, format } = await conformed({ kind: 'file', location: fields('top', H264('top'), 'mp4') }, WIDE, { ffmpegPath })
    near(pictures.length, 12, 'pictures', 1)
    for (const bytes of pictures.slice(2, 10)) {
      const rows = places(bytes, format)
      assert.ok(Math.max(...rows) - Math.min(...rows) <= 2, `combs: ${rows}`)
    }
  })
})
