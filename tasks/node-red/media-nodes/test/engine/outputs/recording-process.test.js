'use strict'

const assert = require('node:assert/strict')
const { execFileSync, spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const zlib = require('node:zlib')
const { after, afterEach, before, beforeEach, describe, it } = require('node:test')
const { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } = require('@aws-sdk/client-s3')
const { s3Client } = require('../../../engine/outputs/storage/s3-client')
const { eventually } = require('../../../test-support/eventually')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { s3Emulator } = require('../../../test-support/s3/emulator')

const MAIN = path.join(__dirname, '../../../engine/outputs/recording/main.js')
const ffmpegPath = realFfmpeg()
const [SECONDS, RATE] = [12, 25]
const FORMAT = { width: 320, height: 180, frameRate: RATE }

/** Noise of about 8 Mbit/s: parts of a multipart upload fill within seconds. */
const programme = execFileSync(ffmpegPath, [
  '-v', 'error', '-f', 'lavfi', '-i', `nullsrc=size=320x180:rate=${RATE},geq=random(1)*255:128:128,trim=end_frame=${SECONDS * RATE}`, '-f', 'lavfi', '-i', `sine=sample_rate=48000:duration=${SECONDS}`,
  '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-b:v', '8M', '-maxrate', '8M', '-bufsize', '8M', '-c:a', 'aac',
  '-f', 'mpegts', 'pipe:1'
], { maxBuffer: 64_000_000 })

let folder
let processes
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'recording-'))
  processes = []
})
afterEach(() => {
  for (const { child } of processes) child.kill('SIGKILL')
  fs.rmSync(folder, { recursive: true, force: true })
})

/** The process of a recording. */
function record (more = {}, environment = {}) {
  const definition = { name: 'recording', kind: 'recording', folder, fileName: 'encoder.mp4', codec: 'h264', bitRate: 500_000, production: 'ab12cd34', format: FORMAT, ...more }
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment, OUTPUT_DEFINITION: JSON.stringify({ ...definition, ffmpegPath }) }
  })
  child.stdin.on('error', () => {})
  const recording = { child, told: null, errors: '' }
  child.stdout.setEncoding('utf8').on('data', (lines) => { recording.told = JSON.parse(lines.trim().split('\n').at(-1)) })
  child.stderr.setEncoding('utf8').on('data', (text) => { recording.errors += text })
  processes.push(recording)
  return recording
}

async function end ({ child }) {
  child.stdin.end()
  if (child.exitCode === null) await once(child, 'exit')
  return child.exitCode
}

function framesOf (bytes) {
  const told = execFileSync(ffmpegPath, ['-v', 'error', '-i', 'pipe:0', '-map', '0:v', '-f', 'framehash', 'pipe:1'], { input: bytes, encoding: 'utf8' })
  return told.split('\n').filter((line) => /^0,/.test(line)).length
}

/** An entry of a manifest tells what is in its file. */
function assertTrue ({ name, state, frames, bytes, seconds, crc32 }, file) {
  assert.deepEqual([name, state, bytes, frames], [name, 'complete', file.length, framesOf(file)])
  assert.equal(Number.parseInt(crc32, 16), zlib.crc32(file))
  assert.ok(Math.abs(seconds - frames / RATE) < 0.1, `${seconds} s, ${frames} frames`)
}

describe('into a folder', () => {
  const read = (name) => fs.readFileSync(path.join(folder, name))
  const manifest = () => JSON.parse(read('encoder.json'))

  it('every frame, and a manifest that tells the truth', async () => {
    const recording = record()
    recording.child.stdin.write(programme)
    assert.equal(await end(recording), 0, recording.errors)
    const { production, format, files, gaps } = manifest()
    assert.deepEqual([production, format, gaps, files.length], ['ab12cd34', FORMAT, [], 1])
    assert.equal(files[0].frames, SECONDS * RATE)
    assertTrue(files[0], read('encoder.mp4'))
    assert.equal(recording.told.lastError, null)
  })

  it('killed, it plays up to three seconds before; the next one has a name of its own, and the pause is a gap', async () => {
    const first = record()
    first.child.stdin.write(programme.subarray(0, 8_000_000))
    await eventually('most is kept', () => fs.existsSync(path.join(folder, 'encoder.json')) && manifest().files[0].seconds >= 4)
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const second = record()
    second.child.stdin.write(programme)
    assert.equal(await end(second), 0)
    const { files, gaps } = manifest()
    assert.deepEqual(files.map(({ name }) => name), ['encoder.mp4', 'encoder-2.mp4'])
    for (const file of files) assertTrue(file, read(file.name))
    assert.deepEqual(gaps.map(({ file, atSeconds }) => [file, atSeconds]), [['encoder-2.mp4', 0]])
  })

  it('no room on the disk: it says so, and the process goes on taking', async () => {
    const { bavail, bsize } = fs.statfsSync(folder)
    const recording = record({ bitRate: (bavail * bsize + 1e9) / 8 })
    recording.child.stdin.write(programme)
    await eventually('it is said', () => recording.told?.state === 'full')
    assert.match(recording.told.lastError, /^NoRoom: .*for what is on air/)
    assert.equal(await end(recording), 0)
  })
})

describe('into S3', () => {
  const LOCATION = 's3://shows/live/ab12cd34/encoder.mp4'
  let emulator, s3
  before(async () => {
    emulator = await s3Emulator()
    Object.assign(process.env, emulator.environment) // the SDK looks for credentials there
    s3 = s3Client(process.env)
    await s3.send(new CreateBucketCommand({ Bucket: 'shows' }))
  })
  after(() => emulator.close())

  const read = async (name) => Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket: 'shows', Key: `live/ab12cd34/${name}` }))).Body.transformToByteArray())
  const manifest = async () => JSON.parse(await read('encoder.json'))
  const keys = async () => ((await s3.send(new ListObjectsV2Command({ Bucket: 'shows' }))).Contents ?? []).map(({ Key }) => path.basename(Key)).sort()
  const uploads = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket: 'shows' }))).Uploads ?? []

  it('the object, complete when the process has ended; killed in between, what was recorded is finished by the next', async () => {
    const first = record({ location: LOCATION }, emulator.environment)
    first.child.stdin.write(programme.subarray(0, 10_500_000))
    await eventually('a part, and a tail', async () => first.told?.sentBytes > 0 && (await keys()).some((key) => key.endsWith('.piece')), 20)
    const { uploadId, frames } = (await manifest()).files[0]
    assert.ok(uploadId && frames > 0, 'whoever completes it finds the upload')
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const second = record({ location: LOCATION }, emulator.environment)
    second.child.stdin.write(programme)
    assert.equal(await end(second), 0, second.errors)
    const { files } = await manifest()
    assert.deepEqual(files.map(({ name }) => name), ['encoder.mp4', 'encoder-2.mp4'])
    for (const file of files) assertTrue(file, await read(file.name))
    assert.equal(files[1].frames, SECONDS * RATE)
    assert.deepEqual([await keys(), await uploads()], [['encoder-2.mp4', 'encoder.json', 'encoder.mp4'], []])
    assert.equal((await s3.send(new HeadObjectCommand({ Bucket: 'shows', Key: 'live/ab12cd34/encoder.mp4' }))).ContentType, 'video/mp4')
    assert.deepEqual(fs.readdirSync(path.join(folder, 'spool')), ['encoder.json'])
  })

  it('no such bucket: it is said by name, and what comes waits', async () => {
    const recording = record({ location: 's3://nobodys/encoder.mp4' }, emulator.environment)
    recording.child.stdin.write(programme)
    await eventually('it is said', () => recording.told?.state === 'behind', 20)
    assert.match(recording.told.lastError, /^BucketMissing: there is no bucket nobodys/)
    await s3.send(new CreateBucketCommand({ Bucket: 'nobodys' }))
    assert.equal(await end(recording), 0, recording.errors)
    assert.equal(recording.told.lastError, null)
  })
})
