'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { test } = require('node:test')
const { EntryPoints, PACKET_BYTES } = require('../../engine/outputs/transport-stream')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const [PICTURES, GROUP] = [18, 6]
const PLENTY = 1e9

/** A second of moving pictures and a tone; a key picture every GROUP. */
function streamOf (...maps) {
  return execFileSync(ffmpegPath, [
    '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=25,trim=end_frame=${PICTURES}`, '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=0.72',
    ...maps.flatMap((map) => ['-map', map]), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', String(GROUP), '-keyint_min', String(GROUP),
    '-sc_threshold', '0', '-c:a', 'aac', '-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', 'pipe:1'
  ], { maxBuffer: 64_000_000 })
}

/** A hash of each picture that a decoder makes of a stream; it gives up at the first thing that is wrong. */
function decode (bytes) {
  const told = execFileSync(ffmpegPath, [
    '-v', 'error', '-xerror', '-err_detect', 'explode', '-f', 'mpegts', '-i', 'pipe:0', '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framehash', '-hash', 'adler32', 'pipe:1'
  ], { input: bytes, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] })
  return told.split('\n').filter((line) => /^0,/.test(line)).map((line) => line.split(',').at(-1).trim())
}

const join = (pieces) => Buffer.concat(pieces.map(({ bytes }) => bytes))
const stream = streamOf('0:v', '1:a')
const whole = decode(stream)

test('what begins between any two packets decodes from its first picture on, and gets all that follows', () => {
  const begun = new Map()
  let withoutEntry = 0
  for (let at = 0; at <= stream.length; at += PACKET_BYTES) {
    const points = new EntryPoints(PLENTY)
    points.feed(stream.subarray(0, at))
    const first = points.sinceEntry()
    const rest = join(points.feed(stream.subarray(at)))
    if (first === null) {
      withoutEntry += 1
      continue
    }
    const given = Buffer.concat([first, rest])
    begun.set(given.toString('latin1'), given)
  }
  // Before the first key picture come the tables alone.
  assert.ok(withoutEntry > 0 && withoutEntry < 6, `${withoutEntry}`)
  assert.equal(begun.size, PICTURES / GROUP)
  const decoded = [...begun.values()].map(decode)
  assert.equal(whole.length, PICTURES)
  assert.deepEqual(decoded, [0, 1, 2].map((group) => whole.slice(group * GROUP)))
})

test('the pieces are the stream, with the tables before each key picture, however it comes', () => {
  const all = new EntryPoints(PLENTY).feed(stream)
  assert.equal(all.filter(({ isEntry }) => isEntry).length, PICTURES / GROUP)
  assert.deepEqual(join(all.filter(({ isEntry }) => !isEntry)), stream)
  for (const length of [1, 187, 188, 189, 1000, 65_536]) {
    const points = new EntryPoints(PLENTY)
    const pieces = []
    for (let at = 0; at < stream.length; at += length) pieces.push(...points.feed(Buffer.from(stream.subarray(at, at + length))))
    assert.deepEqual(join(pieces), join(all), `in chunks of ${length} bytes`)
  }
})

test('each entry can be decoded alone: whoever missed what came before loses no more than that', () => {
  const pieces = new EntryPoints(PLENTY).feed(stream)
  const entries = pieces.flatMap(({ isEntry }, index) => isEntry ? [index] : [])
  entries.forEach((index, group) => assert.deepEqual(decode(join(pieces.slice(index))), whole.slice(group * GROUP)))
})

test('a stream whose first track is sound has its entries at key pictures all the same', () => {
  const other = streamOf('1:a', '0:v')
  const pieces = new EntryPoints(PLENTY).feed(other)
  assert.equal(pieces.filter(({ isEntry }) => isEntry).length, PICTURES / GROUP)
  const second = pieces.findIndex(({ isEntry }, index) => isEntry && pieces.slice(0, index).some((piece) => piece.isEntry))
  assert.deepEqual(decode(join(pieces.slice(second))), whole.slice(GROUP))
})

test('sound alone has no entries', () => {
  const points = new EntryPoints(PLENTY)
  assert.ok(points.feed(streamOf('1:a')).every(({ isEntry }) => !isEntry))
  assert.equal(points.sinceEntry(), null)
})

test('a group that is larger than may be kept is not kept, the next one is', () => {
  const pieces = new EntryPoints(PLENTY).feed(stream)
  const second = pieces.findIndex(({ isEntry }, index) => isEntry && index > 1)
  const most = pieces[second - 1].bytes.length / 2
  const points = new EntryPoints(most)
  for (const { bytes } of pieces.slice(0, second).filter(({ isEntry }) => !isEntry)) points.feed(bytes)
  assert.equal(points.sinceEntry(), null)
  points.feed(pieces[second + 1].bytes.subarray(0, 5 * PACKET_BYTES))
  assert.equal(points.sinceEntry().length, pieces[second].bytes.length + 5 * PACKET_BYTES)
})

test('what is no transport stream is refused', () => {
  assert.throws(() => new EntryPoints(PLENTY).feed(Buffer.alloc(2 * PACKET_BYTES, 0x46)), { name: 'NoTransportStream', message: /does not begin with 0x47/ })
  assert.throws(() => new EntryPoints(PLENTY).feed(Buffer.concat([stream.subarray(0, 4 * PACKET_BYTES), Buffer.from([0]), stream])), { name: 'NoTransportStream', message: /does not begin with 0x47/ })
})
