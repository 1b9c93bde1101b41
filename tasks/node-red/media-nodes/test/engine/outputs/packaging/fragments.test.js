'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { test } = require('node:test')
const { Fragments } = require('../../../../engine/outputs/packaging/fragments')
const { realFfmpeg } = require('../../../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const [PICTURES, GROUP, RATE] = [60, 20, 25]

/** Moving pictures with a tone, as a copying output writes them into a pipe. */
function streamOf (movflags, more = []) {
  return execFileSync(ffmpegPath, [
    '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=${RATE},trim=end_frame=${PICTURES}`, '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2.4',
    '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', String(GROUP), '-keyint_min', String(GROUP), '-sc_threshold', '0', '-c:a', 'aac',
    '-movflags', movflags, ...more, '-f', 'mp4', 'pipe:1'
  ], { maxBuffer: 64_000_000 })
}

/** Feed a stream in chunks of so many bytes. */
function piecesOf (stream, size) {
  const fragments = new Fragments()
  const pieces = []
  for (let at = 0; at < stream.length; at += size) pieces.push(...fragments.feed(stream.subarray(at, at + size)))
  return pieces
}

/** How many pictures a file has, decoded to its end. */
function decoded (bytes) {
  const told = execFileSync(ffmpegPath, ['-v', 'error', '-xerror', '-f', 'mp4', '-i', 'pipe:0', '-map', '0:v', '-f', 'framehash', 'pipe:1'], { input: bytes, encoding: 'utf8' })
  return told.split('\n').filter((line) => /^0,/.test(line)).length
}

const stream = streamOf('+frag_keyframe+delay_moov+default_base_moof')

for (const size of [1, 188, 65_536, stream.length]) {
  test(`fragments in chunks of ${size} bytes: one a group, each with its pictures and its time`, () => {
    const [{ init }, ...fragments] = piecesOf(stream, size)
    assert.deepEqual(fragments.map(({ frames, isEntry }) => [frames, isEntry]), [[GROUP, true], [GROUP, true], [GROUP, true]])
    for (const [index, { startSeconds, seconds }] of fragments.entries()) {
      assert.ok(Math.abs(startSeconds - index * GROUP / RATE) < 0.001, `${startSeconds}`)
      assert.ok(Math.abs(seconds - GROUP / RATE) < 0.001, `${seconds}`)
    }
    assert.ok(stream.subarray(0, init.length).equals(init))
  })
}

test('every whole number of fragments plays', () => {
  const [{ init }, ...fragments] = piecesOf(stream, 4096)
  for (let count = 1; count <= fragments.length; count++) {
    assert.equal(decoded(Buffer.concat([init, ...fragments.slice(0, count).map(({ bytes }) => bytes)])), count * GROUP)
  }
})

test('a fragment that begins within a group says so', () => {
  const fragments = piecesOf(streamOf('+frag_keyframe+delay_moov+default_base_moof', ['-frag_duration', '400000']), 4096).slice(1)
  const told = fragments.filter(({ frames }) => frames > 0)
  assert.equal(told.reduce((sum, { frames }) => sum + frames, 0), PICTURES)
  assert.equal(told.filter(({ isEntry }) => isEntry).length, PICTURES / GROUP)
  assert.ok(told.length > PICTURES / GROUP, `${told.length} fragments`)
})

test('what is no fragmented MP4 is refused', () => {
  assert.throws(() => piecesOf(Buffer.from('this is no MP4, whatever its name may be'), 8), { name: 'NoFragments' })
  assert.throws(() => piecesOf(stream.subarray(4), 4096), { name: 'NoFragments' })
})
