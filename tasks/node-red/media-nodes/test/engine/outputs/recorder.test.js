'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const zlib = require('node:zlib')
const { afterEach, beforeEach, test } = require('node:test')
const { Fragments } = require('../../../engine/outputs/packaging/fragments')
const { fragmentArguments } = require('../../../engine/outputs/packaging/fragment-arguments')
const { NoRoom, writeWithin } = require('../../../engine/outputs/storage/disk-room')
const { LocalFile } = require('../../../engine/outputs/recording/local-file')
const { Recorder } = require('../../../engine/outputs/recording/recorder')
const { Spool } = require('../../../engine/outputs/recording/spool')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const [SECONDS, RATE] = [10, 25]

let folder
beforeEach(() => { folder = fs.mkdtempSync(path.join(os.tmpdir(), 'recorder-')) })
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Ten seconds, or what a filter leaves of their pictures, as the muxer of a recording writes them; groups of pictures of four seconds. */
function muxed (filter = 'null') {
  const stream = execFileSync(ffmpegPath, [
    '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=${RATE},trim=end_frame=${SECONDS * RATE},${filter}`, '-f', 'lavfi', '-i', `sine=sample_rate=48000:duration=${SECONDS}`,
    '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '100', '-keyint_min', '100', '-sc_threshold', '0', '-fps_mode', 'passthrough', '-c:a', 'aac', '-f', 'mpegts', 'pipe:1'
  ], { maxBuffer: 64_000_000 })
  return execFileSync(ffmpegPath, fragmentArguments({ codec: 'h264', longestSeconds: 1 }), { input: stream, maxBuffer: 64_000_000 })
}

function decoded (bytes) {
  const told = execFileSync(ffmpegPath, ['-v', 'error', '-f', 'mp4', '-i', 'pipe:0', '-map', '0:v', '-f', 'framehash', 'pipe:1'], { input: bytes, encoding: 'utf8' })
  return told.split('\n').filter((line) => /^0,/.test(line)).length
}

/** A store that keeps everything, but for what `isFull(number of the piece)` refuses. */
function storeOf (isFull = () => false) {
  const kept = []
  let asked = 0
  return {
    kept,
    async add (bytes, counts) {
      if (isFull(asked++)) throw new NoRoom('no room')
      kept.push({ bytes, ...counts })
    }
  }
}

async function recordInto (store, gaps = [], written = muxed()) {
  const recorder = new Recorder(store, 1 / RATE, (atSeconds, seconds) => gaps.push([atSeconds, seconds]), () => {})
  for (let at = 0; at < written.length; at += 65_536) await recorder.feed(written.subarray(at, at + 65_536))
  await recorder.flush()
  return recorder
}

test('pieces of two seconds, the first at once, whatever the groups of pictures; together they are the file', async () => {
  const store = storeOf()
  const recorder = await recordInto(store)
  const whole = Buffer.concat(store.kept.map(({ bytes }) => bytes))
  assert.ok(store.kept[0].milliseconds <= 1100, `${store.kept[0].milliseconds} ms`)
  const lengths = store.kept.map(({ milliseconds }, index) => milliseconds - (store.kept[index - 1]?.milliseconds ?? 0))
  assert.ok(Math.max(...lengths) <= 3100, `${lengths}`)
  assert.equal(decoded(whole), SECONDS * RATE)
  assert.deepEqual([recorder.frames, Math.round(recorder.seconds), recorder.bytes], [SECONDS * RATE, SECONDS, whole.length])
  assert.equal(Number.parseInt(recorder.crc32, 16), zlib.crc32(whole))
  for (const [index, { offset, frames, crc32 }] of store.kept.entries()) {
    const before = Buffer.concat(store.kept.slice(0, index).map(({ bytes }) => bytes))
    assert.equal(offset, before.length)
    const upTo = Buffer.concat([before, store.kept[index].bytes])
    assert.equal(Number.parseInt(crc32, 16), zlib.crc32(upTo))
    assert.equal(decoded(upTo), frames, 'what is told of a piece is in the file up to its end')
  }
})

test('what an encoder that was started again has missed is a gap, though the muxer shows a picture until the next one', async () => {
  const gaps = []
  await recordInto(storeOf(), gaps, muxed('select=lt(n\\,100)+gte(n\\,105)'))
  const [[at, missing], ...others] = gaps
  assert.deepEqual(others, [])
  assert.ok(Math.abs(at - 4) < 0.05 && Math.abs(missing - 0.2) < 0.01, `${at} s, ${missing} s`)
})

test('what finds no room is a gap, and what follows plays', async () => {
  const gaps = []
  const store = storeOf((number) => number === 1 || number === 2)
  const recorder = await recordInto(store, gaps)
  const [[at, missing], ...others] = gaps
  assert.deepEqual(others, [])
  assert.ok(at <= 1.1 && missing >= 3.9 && missing <= 6.1, `${at} s, ${missing} s`)
  assert.equal(recorder.trouble, null)
  assert.equal(recorder.frames, SECONDS * RATE - Math.round(missing * RATE))
  assert.ok(decoded(Buffer.concat(store.kept.map(({ bytes }) => bytes))) > 0)
})

test('without its first piece the file still has its beginning', async () => {
  const store = storeOf((number) => number < 2)
  await recordInto(store)
  assert.ok(new Fragments().feed(store.kept[0].bytes)[0].init)
  assert.equal(store.kept[0].offset, 0)
})

test('no room: it says so while it lasts', async () => {
  const recorder = await recordInto(storeOf(() => true))
  assert.match(recorder.trouble, /^NoRoom: /)
  assert.deepEqual([recorder.bytes, recorder.frames], [0, 0])
})

test('a disk keeps what it has left for what is on air', async () => {
  const { bavail, bsize } = fs.statfsSync(folder)
  const file = new LocalFile(path.join(folder, 'a.mp4'), bavail * bsize + 1e9)
  await assert.rejects(file.add(Buffer.alloc(100)), { name: 'NoRoom', message: /MB left, which are for what is on air/ })
  await file.close()
  const spool = new Spool(path.join(folder, 'spool'), 1e9, bavail * bsize + 1e9)
  await spool.open()
  await assert.rejects(spool.add(Buffer.alloc(100), { offset: 0, frames: 1, milliseconds: 1, crc32: '00000000' }), { name: 'NoRoom' })
  assert.deepEqual([spool.bytes, fs.readdirSync(path.join(folder, 'spool'))], [0, []])
})

test('a disk that is full is told like that, any other fault as what it is', async () => {
  const failing = (code) => writeWithin(folder, 1, 0, async () => { throw Object.assign(new Error(code), { code }) })
  for (const code of ['ENOSPC', 'EDQUOT']) await assert.rejects(failing(code), { name: 'NoRoom' })
  await assert.rejects(failing('EIO'), { code: 'EIO' })
})

test('a ring holds so much and no more; what was brought away makes room', async () => {
  const spool = new Spool(folder, 250, 0)
  await spool.open()
  const add = (offset) => spool.add(Buffer.alloc(100), { offset, frames: 1, milliseconds: 1, crc32: '00000000' })
  await add(0)
  await add(100)
  await assert.rejects(add(200), { name: 'NoRoom', message: /wait for S3/ })
  await spool.remove(spool.pieces.slice(0, 1))
  await add(200)
  const again = new Spool(folder, 250, 0)
  await again.open()
  assert.deepEqual(again.pieces, spool.pieces)
})
