'use strict'

/** The publisher as the engine runs it, on real FFmpeg, into a real HTTP S3: what FFmpeg reads back from there. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, afterEach, before, beforeEach, test } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutBucketPolicyCommand } = require('@aws-sdk/client-s3')
const { Output } = require('../../../../engine/outputs/output')
const { repeatedSeconds } = require('../../../../engine/outputs/output-arguments')
const { Playlist } = require('../../../../engine/outputs/packaging/playlist')
const { s3Client } = require('../../../../engine/outputs/storage/s3-client')
const { EntryPoints } = require('../../../../engine/outputs/transport-stream')
const { PictureFormat } = require('../../../../engine/pictures/picture-format')
const { eventually } = require('../../../../test-support/eventually')
const { readCode } = require('../../../../test-support/measuring/bar-code')
const { realTime } = require('../../../../test-support/measuring/conformed')
const { decode } = require('../../../../test-support/measuring/encoded')
const { programmeStream } = require('../../../../test-support/measuring/programme-stream')
const { realFfmpeg } = require('../../../../test-support/real-ffmpeg')
const { s3Emulator } = require('../../../../test-support/s3/emulator')

const ffmpegPath = realFfmpeg()
const format = new PictureFormat({ width: 320, height: 180, frameRate: 25 })
const [GROUP, FRAMES] = [5, 400]
const ENCODER = { codec: 'h264', preset: 'ultrafast', bitRate: 400_000, bufferSeconds: 1, gopFrames: GROUP, sound: { bitRate: 64_000 } }
const GROUPS_KEPT = 1 + Math.ceil(repeatedSeconds({ kind: 'publish', segmentSeconds: 1 }) / (GROUP / format.rate.value))
const ALL = Array.from({ length: FRAMES }, (_, number) => number)

let emulator, s3, stream, folder, output, entryPoints, bucket
let made = 0
before(async () => {
  stream = await programmeStream(ffmpegPath, ENCODER, format, { first: 0, count: FRAMES })
  emulator = await s3Emulator()
  Object.assign(process.env, emulator.environment) // the SDK looks for credentials there
  s3 = s3Client(process.env)
})
after(() => emulator.close())
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'publishing-'))
  entryPoints = new EntryPoints(1e8, GROUPS_KEPT)
  bucket = `shows-${++made}`
})
afterEach(async () => {
  await output?.stop()
  output = null
  fs.rmSync(folder, { recursive: true })
})

/** FFmpeg reads without signing, as viewers do. */
async function makeBucket () {
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }]
  await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }))
}
const PLACE = 'live/ab12cd34'
const read = (name) => s3.send(new GetObjectCommand({ Bucket: bucket, Key: `${PLACE}/${name}` })).then(({ Body }) => Body.transformToString(), ({ name }) => {
  if (name === 'NoSuchKey' || name === 'NoSuchBucket') return null
  throw new Error(name)
})
const playlist = async (name = 'live') => Playlist.read(await read(`1/${name}.m3u8`) ?? '')
/** The numbers of all pictures, as FFmpeg plays them from S3. */
const played = (name = 'index.m3u8') => decode(ffmpegPath, `${process.env.AWS_ENDPOINT_URL}/${bucket}/${PLACE}/${name}`, format).pictures.map((bytes) => readCode(bytes, format, 'one'))

function begin (more = {}) {
  const definition = {
    name: 'web', kind: 'publish', folder, rendition: 1, renditions: 1, location: `s3://${bucket}/${PLACE}`, segmentSeconds: 1, groupSeconds: GROUP / 25, codec: 'h264', bitRate: 464_000,
    format: format.told, ...more
  }
  output = new Output(definition, ffmpegPath, () => entryPoints.sinceEntry(GROUPS_KEPT), realTime)
  output.start()
}

/** A part of the stream goes to the output, in pieces as the encoder gives them. */
function send (from, to) {
  const chunk = stream.subarray(Math.floor(stream.length * from), Math.floor(stream.length * to))
  for (const piece of entryPoints.feed(chunk)) output.send(piece)
}

/** The same, as fast as it is played. */
async function sendInTime (from, to) {
  const steps = Math.round((to - from) * FRAMES)
  const startedAt = performance.now()
  for (let step = 0; step < steps; step++) {
    await pause(Math.max(0, startedAt + format.rate.msUpTo(step) - performance.now()))
    send(from + step / FRAMES, from + (step + 1) / FRAMES)
  }
}

test('live it is a window, at the end all of it: under one address, with what a player and a cache have to know', async () => {
  await makeBucket()
  begin()
  send(0, 0.8)
  await eventually('it can be watched', async () => (await read('index.m3u8'))?.includes('1/live.m3u8') && (await playlist('whole'))?.segments.length >= 10)
  assert.match(await read('index.m3u8'), /#EXT-X-STREAM-INF:BANDWIDTH=580000,AVERAGE-BANDWIDTH=464000,CODECS="avc1\.42C0[0-9A-F]{2},mp4a\.40\.2",RESOLUTION=320x180,FRAME-RATE=25\.000\n1\/live\.m3u8\n/)
  assert.match(await read('1/whole.m3u8'), /#EXT-X-PLAYLIST-TYPE:EVENT/)
  assert.ok(!(await playlist('whole')).isEnded)
  send(0.8, 1)
  await output.stop()
  assert.match(await read('index.m3u8'), /\n1\/whole\.m3u8\n$/)
  const [window, whole] = [await playlist(), await playlist('whole')]
  assert.ok(window.isEnded && whole.isEnded)
  assert.equal(whole.segments.length, FRAMES / 25)
  assert.deepEqual(played(), ALL)
  const { number, init } = whole.segments[0]
  const served = async (name) => {
    const { ContentType, CacheControl } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: `${PLACE}/${name}` }))
    return [ContentType, CacheControl]
  }
  for (const name of ['index.m3u8', '1/live.m3u8', '1/whole.m3u8']) assert.deepEqual(await served(name), ['application/vnd.apple.mpegurl', 'public, max-age=1'])
  assert.deepEqual(await served(`1/live-${number}.m4s`), ['video/iso.segment', 'public, max-age=31536000, immutable'])
  assert.deepEqual(await served(`1/init-${init}.mp4`), ['video/mp4', 'public, max-age=31536000, immutable'])
  assert.deepEqual(fs.readdirSync(path.join(folder, '1/outbox')), [])
  const { state, lastError, location, sentFiles, waitingBytes, behindSeconds } = output.told
  assert.deepEqual([state, lastError, location, waitingBytes, behindSeconds], ['sending', null, `s3://${bucket}/${PLACE}/index.m3u8`, 0, 0])
  assert.ok(sentFiles > 2 * FRAMES / 25)
})

test('a bucket that is not there for a while, and a publisher that is killed meanwhile: no picture is missing', async () => {
  begin()
  await sendInTime(0, 0.2)
  await eventually('it is told', () => output.told?.state === 'behind' && output.told.behindSeconds > 1)
  assert.match(output.told.lastError, new RegExp(`^BucketMissing: there is no bucket ${bucket}`))
  process.kill(output.pid, 'SIGKILL')
  await sendInTime(0.2, 0.4)
  assert.equal(output.restarts, 1)
  send(0.4, 1)
  await makeBucket()
  await eventually('all is sent', () => output.told?.state === 'sending' && output.told.waitingBytes === 0, 30)
  await output.stop()
  assert.deepEqual(played(), ALL)
  assert.equal((await playlist('whole')).segments.filter(({ isDiscontinuous }) => isDiscontinuous).length, 1)
})

test('while it is live nothing is listed that is not there', async () => {
  await makeBucket()
  begin()
  const sending = sendInTime(0, 0.5)
  for (let at = 0; at < 40; at++) {
    for (const name of ['live', 'whole']) {
      for (const { number, init } of (await playlist(name))?.segments ?? []) {
        for (const file of [`live-${number}.m4s`, `init-${init}.mp4`]) await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: `${PLACE}/1/${file}` }))
      }
    }
    await pause(100)
  }
  await sending
  assert.ok((await playlist()).segments.length > 4)
})

test('more than may wait is left out, told, and a discontinuity', async () => {
  begin({ bitRate: 500 }) // as if ten minutes of it were a few seconds
  send(0, 0.5)
  await eventually('it is told', () => output.told?.state === 'full')
  assert.match(output.told.lastError, /^NoRoom: .*wait for S3/)
  await makeBucket()
  await eventually('there is room again', () => output.told?.waitingBytes === 0, 20)
  await sendInTime(0.5, 0.65)
  await output.stop()
  const numbers = played()
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b))
  assert.ok(numbers.length < FRAMES / 2 && numbers.at(-1) > FRAMES * 0.6, `${numbers.length} pictures, up to ${numbers.at(-1)}`)
  assert.ok((await playlist('whole')).segments.some(({ isDiscontinuous }) => isDiscontinuous))
})

test('an engine that dies leaves what the next one goes on with: nothing is ended', async () => {
  await makeBucket()
  begin()
  await sendInTime(0, 0.2)
  await eventually('some is there', async () => (await playlist())?.segments.length > 1)
  process.kill(output.pid, 'SIGKILL')
  await eventually('another', () => output.restarts === 1)
  assert.ok(!(await playlist()).isEnded)
  assert.match(await read('index.m3u8'), /live\.m3u8/)
})

test('two renditions, each by a publisher of its own: one master playlist, live and at the end', async () => {
  await makeBucket()
  fs.mkdirSync(path.join(folder, 'ladder'))
  fs.writeFileSync(path.join(folder, 'ladder/3.json'), '{}') // of a definition before
  begin({ renditions: 2 })
  const second = new Output({
    name: 'web rendition 2', kind: 'publish', folder, rendition: 2, renditions: 2, location: `s3://${bucket}/${PLACE}`, segmentSeconds: 1, groupSeconds: GROUP / 25, codec: 'h264', bitRate: 200_000,
    format: { width: 160, height: 90, frameRate: 25 }
  }, ffmpegPath, () => entryPoints.sinceEntry(GROUPS_KEPT), realTime)
  second.start()
  try {
    const chunk = (from, to) => {
      const pieces = entryPoints.feed(stream.subarray(Math.floor(stream.length * from), Math.floor(stream.length * to)))
      for (const piece of pieces) for (const one of [output, second]) one.send(piece)
    }
    chunk(0, 0.3)
    await eventually('both have begun', async () => (await read('1/live.m3u8')) !== null && (await read('2/live.m3u8')) !== null)
    chunk(0.3, 0.6)
    await eventually('both are listed', async () => /RESOLUTION=320x180[^]*1\/live\.m3u8\n[^]*RESOLUTION=160x90[^]*2\/live\.m3u8\n/.test(await read('index.m3u8')))
  } finally {
    await second.stop()
  }
  await output.stop()
  assert.match(await read('index.m3u8'), /\n1\/whole\.m3u8\n[^]*\n2\/whole\.m3u8\n/)
  assert.ok((await Promise.all([1, 2].map((number) => read(`${number}/whole.m3u8`)))).every((text) => text.endsWith('#EXT-X-ENDLIST\n')))
})
