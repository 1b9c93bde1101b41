'use strict'

/** What the packager makes of an encoder's stream, in a store that a test can fill up. */

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { before, beforeEach, test } = require('node:test')
const { NoRoom } = require('../../../../engine/outputs/storage/disk-room')
const { fragmentArguments } = require('../../../../engine/outputs/packaging/fragment-arguments')
const { Fragments } = require('../../../../engine/outputs/packaging/fragments')
const { Packager } = require('../../../../engine/outputs/packaging/packager')
const { Playlist } = require('../../../../engine/outputs/packaging/playlist')
const { PictureFormat } = require('../../../../engine/pictures/picture-format')
const { programmeStream } = require('../../../../test-support/measuring/programme-stream')
const { noise } = require('../../../../test-support/sounds')
const { realFfmpeg } = require('../../../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const format = new PictureFormat({ width: 320, height: 180, frameRate: 25 })
const GROUP = 10
const ENCODER = { codec: 'h264', preset: 'ultrafast', bitRate: 400_000, bufferSeconds: 1, gopFrames: GROUP, sound: { bitRate: 64_000 } }
/** Segments of 1 s in groups of 0.4 s: three groups each. */
const LENGTHS = { segmentSeconds: 1, groupSeconds: GROUP / 25 }
const BEGAN = Date.UTC(2026, 10, 26, 8)
const FIRST = BEGAN / 1000

/** Takes as much as it has room for. */
class SmallStore {
  files = new Map()
  types = new Map()
  room = Infinity
  refused = 0

  async get (name) {
    return this.files.get(name) ?? null
  }

  async put (name, bytes, { type, cacheControl }) {
    // The new one is written beside the old one.
    if (this.used + bytes.length > this.room) {
      this.refused += 1
      throw new NoRoom('no room')
    }
    this.files.set(name, bytes)
    this.types.set(name, `${type} ${cacheControl}`)
  }

  async remove (name) {
    this.files.delete(name)
  }

  get used () {
    return [...this.files.values()].reduce((sum, { length }) => sum + length, 0)
  }

  get text () {
    return String(this.files.get('live.m3u8'))
  }

  get playlist () {
    return Playlist.read(this.text)
  }
}

let store, now, told, whole, restarted
const begin = async () => {
  const packager = new Packager(store, LENGTHS, () => now, (trouble) => told.push(trouble?.name ?? null))
  await packager.open()
  return packager
}
const piecesOf = (stream) => new Fragments().feed(execFileSync(ffmpegPath, fragmentArguments({ codec: 'h264', keepsTime: true }), { input: stream, stdio: ['pipe', 'pipe', 'ignore'], maxBuffer: 64_000_000 }))
/** A fragment has come when its last picture has. */
async function take (packager, pieces) {
  for (const piece of pieces) {
    const copy = piece.init ? piece : { ...piece, bytes: Buffer.from(piece.bytes) }
    now += 1000 * (piece.seconds ?? 0)
    await packager.take(copy)
  }
}
/** A show of its own, after others. */
async function takeShow () {
  await take(await begin(), whole)
  now += 60_000
}

before(async () => {
  const [first, second] = await Promise.all([{ first: 0, count: 35 }, { first: 60, count: 30 }].map((frames) => programmeStream(ffmpegPath, ENCODER, format, frames)))
  whole = piecesOf(await programmeStream(ffmpegPath, ENCODER, format, { first: 0, count: 120 }))
  restarted = piecesOf(Buffer.concat([first, second]))
})
beforeEach(() => {
  store = new SmallStore()
  now = BEGAN
  told = []
})

test('segments are whole groups of at least the length asked for, with their times', async () => {
  const packager = await begin()
  await take(packager, whole)
  await packager.end({ isOver: true })
  const { segments, targetSeconds, isEnded } = store.playlist
  assert.deepEqual(segments.map(({ seconds }) => seconds), [1.2, 1.2, 1.2, 1.2])
  assert.deepEqual(segments.map(({ number }) => number - FIRST), [0, 1, 2, 3])
  assert.deepEqual(segments.map(({ at }) => at - BEGAN), [0, 1200, 2400, 3600])
  assert.deepEqual([targetSeconds, isEnded, store.text.includes('#EXT-X-DISCONTINUITY\n')], [2, true, false])
  assert.equal(store.types.get('live.m3u8'), 'application/vnd.apple.mpegurl public, max-age=1')
  assert.equal(store.types.get(`live-${FIRST}.m4s`), 'video/iso.segment public, max-age=31536000, immutable')
  assert.deepEqual(told, [])
})

test('a stream whose encoder was started again: a discontinuity where pictures are missing, and nothing longer than it is', async () => {
  const packager = await begin()
  await take(packager, restarted)
  await packager.end({ isOver: false })
  const { segments } = store.playlist
  // Of the encoder that was killed, the last picture may not be whole.
  const [, last] = segments
  assert.ok([0.16, 0.2].includes(last.seconds), `${last.seconds} s`)
  assert.deepEqual(segments.map(({ seconds, isDiscontinuous }) => [seconds, isDiscontinuous]), [[1.2, false], [last.seconds, false], [1.2, true]])
  assert.deepEqual([...new Set(segments.map(({ init }) => init))], [FIRST])
  assert.equal(segments[2].at - segments[0].at, 1000 * 60 / 25)
})

test('who comes after one that was killed goes on where it came to, and marks the discontinuity', async () => {
  await take(await begin(), whole.slice(0, 6))
  const before = store.playlist
  assert.equal(before.segments.length, 1)
  const packager = await begin()
  assert.equal(store.text, String(before), 'nothing is written before there is something new')
  now -= 2000
  await take(packager, whole)
  assert.deepEqual(store.playlist.segments.map(({ number, at, isDiscontinuous, init }) => [number - FIRST, at - BEGAN, isDiscontinuous, init - FIRST]),
    [[0, 0, false, 0], [1, 1200, true, 1], [2, 2400, false, 1], [3, 3600, false, 1]])
})

test('who comes after one whose clock was another marks the discontinuity, and leaves nothing out', async () => {
  await take(await begin(), whole.slice(0, -1))
  const before = store.playlist
  now += 60_000
  await take(await begin(), whole)
  const after = store.playlist
  assert.deepEqual(after.segments.slice(0, 3), before.segments)
  assert.deepEqual(after.segments.slice(3).map(({ number, isDiscontinuous, init }) => [number - FIRST, isDiscontinuous, init - FIRST]),
    [[3, true, 3], [4, false, 3], [5, false, 3], [6, false, 3]])
})

test('a show that was over goes on when another begins', async () => {
  for (const shows of [1, 2]) {
    const packager = await begin()
    await take(packager, whole)
    assert.equal(store.playlist.isEnded, false)
    await packager.end({ isOver: true })
    assert.deepEqual([store.playlist.isEnded, store.playlist.next - FIRST], [true, shows * 4])
  }
})

test('a playlist that is lost or cut to nothing: numbers go on by the clock, and no name comes twice', async () => {
  await takeShow()
  const names = new Set(store.files.keys())
  store.files.set('live.m3u8', Buffer.alloc(0))
  await take(await begin(), whole)
  assert.ok(store.playlist.first > FIRST + 3)
  for (const name of [...store.files.keys()].filter((one) => one !== 'live.m3u8').slice(names.size)) assert.ok(!names.has(name), name)
})

test('30 segments are in the window and five linger; discontinuities and what they need leave with them', async () => {
  for (let run = 0; run < 12; run++) await takeShow()
  const { segments, first, discontinuities } = store.playlist
  assert.equal(segments.length, 30)
  assert.equal(first, FIRST + 12 * 4 - 30)
  assert.equal(discontinuities + segments.filter(({ isDiscontinuous }) => isDiscontinuous).length, 11)
  const numbers = [...store.files.keys()].flatMap((name) => /^live-(\d+)\.m4s$/.exec(name)?.[1] ?? []).map(Number)
  assert.deepEqual([Math.min(...numbers), numbers.length], [first - 5, 35])
  const inits = new Set([...store.files.keys()].filter((name) => name.startsWith('init-')))
  for (const { init } of segments) assert.ok(inits.delete(`init-${init}.mp4`) || !inits.has(`init-${init}.mp4`))
  assert.deepEqual([...inits], [])
})

test('a full disk: the oldest segments are given up first, what is on air goes on, and it is told while it lasts', async () => {
  for (let count = 0; count < 5; count++) await takeShow()
  assert.equal(store.playlist.segments.length, 20)
  store.room = store.used / 2
  for (let count = 0; count < 5; count++) {
    const { next } = store.playlist
    await takeShow()
    const { segments } = store.playlist
    assert.equal(store.playlist.next, next + 4)
    for (const { number, init } of segments) assert.ok(store.files.has(`live-${number}.m4s`) && store.files.has(`init-${init}.mp4`))
    assert.ok(segments.length >= 3 && segments.length < 12)
  }
  assert.deepEqual(told.filter((name, at) => name !== told[at - 1]), ['NoRoom'])
})

test('a disk with no room at all: the last playlist stays whole, and it comes back by itself, with a discontinuity', async () => {
  const packager = await begin()
  await take(packager, whole.slice(0, -6))
  assert.equal(store.playlist.segments.length, 2)
  store.room = 0
  const { next } = store.playlist
  const text = store.text
  await take(packager, whole.slice(-6, -3))
  assert.deepEqual([store.text, told], [text, ['NoRoom']])
  store.room = Infinity
  await take(packager, whole.slice(-3))
  assert.deepEqual(told, ['NoRoom', null])
  const { segments } = store.playlist
  assert.deepEqual(segments.map(({ number, isDiscontinuous }) => [number, isDiscontinuous]), [[next - 2, false], [next - 1, false], [next, true]])
  assert.ok(store.refused > 0)
})

/** What RFC 8216 (6.2) promises players from one version of a playlist to the next. */
function holdAgainst (before, after, files) {
  assert.equal(after.targetSeconds, before?.targetSeconds ?? after.targetSeconds)
  assert.ok(!before || (after.first >= before.first && after.next >= before.next && after.discontinuities >= before.discontinuities))
  const told = ({ segments, discontinuities }) => {
    let count = discontinuities
    return new Map(segments.map((segment) => [segment.number, JSON.stringify({ ...segment, discontinuity: count += segment.isDiscontinuous ? 1 : 0 })]))
  }
  const seen = before ? told(before) : new Map()
  for (const [number, text] of told(after)) assert.equal(text, seen.get(number) ?? text)
  for (const { number, seconds, init } of after.segments) {
    assert.ok(Math.round(seconds) <= after.targetSeconds && seconds > 0)
    assert.ok(files.has(`live-${number}.m4s`) && files.has(`init-${init}.mp4`), `${number}, ${init}`)
  }
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`whatever happens, in any order (${seed}): each playlist follows from the one before, and all that it names is there`, async () => {
    const chance = noise(seed)
    const among = (count) => Math.floor((chance.next().value + 1) / 2 * count)
    const versions = []
    const listed = new Map()
    const put = store.put.bind(store)
    store.put = async (name, bytes, more) => {
      if (listed.has(name)) assert.ok(listed.get(name).equals(bytes), `${name} is another one now`)
      await put(name, bytes, more)
      if (name !== 'live.m3u8') return
      const playlist = Playlist.read(String(bytes))
      holdAgainst(versions.at(-1), playlist, store.files)
      versions.push(playlist)
      for (const { number, init } of playlist.segments) for (const one of [`live-${number}.m4s`, `init-${init}.mp4`]) listed.set(one, store.files.get(one))
    }
    for (let run = 0; run < 60; run++) {
      const packager = await begin()
      const pieces = among(2) === 0 ? whole : restarted
      await take(packager, pieces.slice(0, 1 + among(pieces.length)))
      store.room = among(3) === 0 ? store.used * (0.3 + among(8) / 10) : Infinity
      await take(packager, pieces.slice(1))
      if (among(4) === 0) await packager.end({ isOver: among(2) === 0 })
      now += among(3) * among(20_000)
    }
    assert.ok(versions.length > 60, `${versions.length} versions`)
    const size = [...store.files.keys()].filter((name) => name.startsWith('live-')).length
    assert.ok(size <= 36 + 1, `${size} files`)
  })
}

test('any other fault of the store is told to whoever asked', async () => {
  const packager = await begin()
  store.put = () => Promise.reject(new Error('the store is gone'))
  await assert.rejects(take(packager, whole), { message: 'the store is gone' })
})
