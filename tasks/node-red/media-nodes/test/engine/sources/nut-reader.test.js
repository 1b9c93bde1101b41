'use strict'

/** NUT as FFmpeg's own muxer writes it, read however it is cut. */

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const { NutReader, WrongNut } = require('../../../engine/sources/ingest/nut-reader')
const { noise, stereo } = require('../../../test-support/sounds')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nut-'))
after(() => fs.rmSync(folder, { recursive: true }))

/** What FFmpeg's muxer leaves out where a frame begins with it: nutenc.c, build_elision_headers. */
const ELIDED = [[0, 0, 1], [0, 0, 1, 0xb6], [0xff, 0xfa], [0xff, 0xfb], [0xff, 0xfc], [0xff, 0xfd]]
const SYNCPOINT = Buffer.from('4e4be4adeeca4569', 'hex')

/** Pictures of noise, each beginning with one of `beginnings`. */
function picturesOf (bytes, beginnings) {
  const white = noise(bytes)
  return beginnings.map((beginning) => Buffer.from([...beginning, ...Array.from({ length: bytes - beginning.length }, () => white.next().value * 128 & 255)]))
}

/** The stream that an ingest gives for these pictures and this sound. */
function nut ({ width, height, rate = '25', pictures, sound = new Float32Array(0) }) {
  const file = path.join(folder, 'sound.raw')
  fs.writeFileSync(file, Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength))
  return execFileSync(ffmpegPath, [
    '-v', 'error', '-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', `${width}x${height}`, '-framerate', rate, '-i', 'pipe:0',
    '-f', 'f32le', '-sample_rate', '48000', '-ch_layout', 'stereo', '-i', file,
    '-map', '0:v', '-c:v', 'rawvideo', '-map', '1:a', '-c:a', 'pcm_f32le', '-f', 'nut', '-write_index', '0', 'pipe:1'
  ], { input: Buffer.concat(pictures), maxBuffer: 256_000_000 })
}

/** Less is read together with what comes after it. */
const LEAST_SPACE = 400

/** Everything that a reader gives of a stream that comes in chunks of these lengths, by turns; of a frame to where it belongs. */
function read (bytes, ...lengths) {
  const told = { streams: null, pictures: [], times: [], sound: [] }
  const reader = new NutReader({
    onStreams: (streams) => { told.streams = streams },
    take: (_, size) => new Uint8Array(size),
    onFrame: ({ kind, timeBase }, pts, memory) => {
      if (kind === 'picture') {
        told.pictures.push(Buffer.from(memory))
        told.times.push(pts * timeBase.numerator / timeBase.denominator)
      } else told.sound.push(Buffer.from(memory))
    }
  })
  for (let at = 0, number = 0; at < bytes.length; number++) {
    let length = lengths[number % lengths.length]
    const { space } = reader
    if (space.length > LEAST_SPACE) {
      length = bytes.copy(space, 0, at, Math.min(at + length, bytes.length))
      reader.filled(length)
      at += length
      continue
    }
    // The memory that a pipe is read into is used again.
    const chunk = Buffer.from(bytes.subarray(at, at + length))
    reader.feed(chunk)
    chunk.fill(0x4e)
    at += length
  }
  return { ...told, sound: Buffer.concat(told.sound) }
}

const SMALL = { width: 32, height: 16 }
const small = picturesOf(32 * 16 * 1.5, [...ELIDED, [0x4e], [0x4e, 0x4d, 0x7a, 0x56], [0, 0, 0], [...SYNCPOINT], [0xff, 0xff]])
const sound = stereo(small.length / 25, (second) => Math.sin(second * 3000))
const soundBytes = Buffer.from(sound.buffer)
const stream = nut({ ...SMALL, pictures: small, sound })

const header = stream.subarray(0, stream.indexOf(SYNCPOINT) + 8 + 1 + stream[stream.indexOf(SYNCPOINT) + 8])
const CODED = 1 // the code of FFmpeg's whose flags are written

for (const lengths of [[1], [2, 3], [7], [188, 1, 4096], [767, 768, 769], [1e9]]) {
  test(`pictures and sound come whole in chunks of ${lengths} bytes, whatever they begin with`, () => {
    const { pictures, sound: heard, streams, times } = read(stream, ...lengths)
    assert.deepEqual(streams.map(({ kind, width, height }) => [kind, width, height]), [['picture', 32, 16], ['sound', undefined, undefined]])
    assert.deepEqual(pictures, small)
    assert.deepEqual(heard, soundBytes)
    assert.deepEqual(times.map((seconds) => Math.round(seconds * 25)), small.map((_, number) => number))
  })
}

test('beginnings that FFmpeg leaves out are put back: of sound in MP2', () => {
  // Raw pictures gain too little by it; these frames, which all begin with ff fd, do.
  const ffmpeg = (args, input) => execFileSync(ffmpegPath, ['-v', 'error', ...args], { input, maxBuffer: 64_000_000 })
  const bytes = ffmpeg(['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=1', '-c:a', 'mp2', '-f', 'nut', 'pipe:1'])
  const theirs = ffmpeg(['-f', 'nut', '-i', 'pipe:0', '-c', 'copy', '-f', 'data', '-map', '0', 'pipe:1'], bytes)
  assert.ok(!bytes.includes(theirs.subarray(0, 100)))
  for (const length of [1, 5, 1e9]) assert.deepEqual(read(bytes, length).sound, theirs)
})

test('beginnings that are left out are put back: of pictures, whose frames are written by hand', () => {
  const frames = ELIDED.map((beginning, index) => {
    const rest = small[index].subarray(beginning.length)
    // Time, stream, size and header are each written: 8 + 16 + 32 + 1024 = 1080, by seven bits a byte.
    return Buffer.concat([Buffer.from([CODED, 0x88, 0x38, 0, index, 0x86, 0x00, index + 1]), rest])
  })
  for (const length of [1, 5, 1e9]) {
    assert.deepEqual(read(Buffer.concat([header, ...frames]), length).pictures, small.slice(0, ELIDED.length))
  }
})

test('large pictures at 59.94 frames/s, with sound between them, come whole with their times', () => {
  const large = picturesOf(640 * 360 * 1.5, [[0, 0, 1], [0xff, 0xfb], [0x4e], [0]])
  const tone = stereo(4 * 1001 / 60000, (second) => second)
  const { pictures, times, sound: heard } = read(nut({ width: 640, height: 360, rate: '60000/1001', pictures: large, sound: tone }), 65536)
  assert.deepEqual(pictures, large)
  assert.deepEqual(heard, Buffer.from(tone.buffer))
  times.forEach((seconds, number) => assert.ok(Math.abs(seconds - number * 1001 / 60000) < 1e-6))
})

test('a stream that is cut off gives the frames that were whole, and no other', () => {
  for (let end = 0; end < stream.length; end += 97) {
    const { pictures } = read(stream.subarray(0, end), 1000)
    assert.deepEqual(pictures, small.slice(0, pictures.length))
  }
})

const WRONG = {
  'what is no NUT': [Buffer.from('RIFF....AVI LIST........hdrl'), /does not begin as NUT/],
  'a code that means nothing': [Buffer.concat([header, Buffer.from([0])]), /code that means nothing/],
  'side data': [Buffer.concat([header, Buffer.from([CODED, 0x82, 0x00])]), /side data/],
  'a frame of a stream that is not there': [Buffer.concat([header, Buffer.from([CODED, 0x10, 9])]), /no stream/]
}
for (const [what, [bytes, message]] of Object.entries(WRONG)) {
  test(`${what} is a WrongNut, however it is cut`, () => {
    for (const length of [1, 5, 1e9]) assert.throws(() => read(bytes, length), (error) => error instanceof WrongNut && message.test(error.message))
  })
}
