'use strict'

/** The packager as the engine runs it, on real FFmpeg and real disks: what FFmpeg reads back. */

const assert = require('node:assert/strict')
const { execFile, spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { afterEach, before, beforeEach, test } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { promisify } = require('node:util')
const { Output } = require('../../../../engine/outputs/output')
const { outputCommand, repeatedSeconds } = require('../../../../engine/outputs/output-arguments')
const { Playlist } = require('../../../../engine/outputs/packaging/playlist')
const { EntryPoints } = require('../../../../engine/outputs/transport-stream')
const { PictureFormat } = require('../../../../engine/pictures/picture-format')
const { eventually } = require('../../../../test-support/eventually')
const { readCode } = require('../../../../test-support/measuring/bar-code')
const { realTime } = require('../../../../test-support/measuring/conformed')
const { decode } = require('../../../../test-support/measuring/encoded')
const { programmeStream } = require('../../../../test-support/measuring/programme-stream')
const { realFfmpeg } = require('../../../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const format = new PictureFormat({ width: 320, height: 180, frameRate: 25 })
const [GROUP, FRAMES] = [5, 100]
const ENCODER = { codec: 'h264', preset: 'ultrafast', bitRate: 400_000, bufferSeconds: 1, gopFrames: GROUP, sound: { bitRate: 64_000 } }
/** Five groups are a segment of a second. */
const SEGMENT = 5 * GROUP
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0

const GROUPS_KEPT = 1 + Math.ceil(repeatedSeconds({ kind: 'hls', segmentSeconds: 1 }) / (GROUP / format.rate.value))

let folder, stream, output, entryPoints
before(async () => { stream = await programmeStream(ffmpegPath, ENCODER, format, { first: 0, count: FRAMES }) })
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'packaging-'))
  entryPoints = new EntryPoints(1e8, GROUPS_KEPT)
})
afterEach(async () => {
  await output?.stop()
  output = null
  fs.rmSync(folder, { recursive: true })
})

const definition = (more) => ({ name: 'stream', kind: 'hls', folder, segmentSeconds: 1, groupSeconds: GROUP / 25, codec: 'h264', ...more })
const playlistOf = (file = path.join(folder, 'live.m3u8')) => fs.existsSync(file) ? Playlist.read(fs.readFileSync(file, 'utf8')) : null
const segments = (count) => eventually(`${count} segments`, () => (playlistOf()?.segments.length ?? 0) >= count)
/** The numbers of all pictures, as FFmpeg plays the playlist. */
const played = () => decode(ffmpegPath, path.join(folder, 'live.m3u8'), format).pictures.map((bytes) => readCode(bytes, format, 'one'))

function begin () {
  output = new Output(definition(), ffmpegPath, () => entryPoints.sinceEntry(GROUPS_KEPT), realTime)
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

test('every picture is in it, once, and the end is marked', async () => {
  begin()
  send(0, 1)
  await segments(3)
  await output.stop()
  assert.deepEqual(played(), Array.from({ length: FRAMES }, (_, number) => number))
  const { isEnded, segments: all } = playlistOf()
  assert.ok(isEnded)
  assert.ok(all.every(({ seconds, isDiscontinuous }) => seconds === SEGMENT / 25 && !isDiscontinuous))
  assert.deepEqual(fs.readdirSync(folder).filter((name) => name.endsWith('.part')), [])
})

for (const signal of ['SIGKILL', 'SIGSTOP']) {
  test(`a packager that gets ${signal}: the next one goes on with its numbers; no picture is missing, none comes twice`, async () => {
    begin()
    await sendInTime(0, 0.4)
    await segments(1)
    const before = playlistOf()
    process.kill(output.pid, signal)
    await sendInTime(0.4, 1)
    assert.deepEqual([output.restarts, output.state], [1, 'sending'])
    await segments(3)
    await output.stop()
    assert.deepEqual(played(), Array.from({ length: FRAMES }, (_, number) => number))
    const after = playlistOf()
    assert.deepEqual(after.segments.slice(0, before.segments.length), before.segments)
    assert.deepEqual(after.segments.flatMap(({ isDiscontinuous }, at) => isDiscontinuous ? [at] : []), [before.segments.length])
    for (const { at, seconds, number } of after.segments.slice(1)) assert.ok(Math.abs(at - after.segments[0].at - (number - after.first) * seconds * 1000) < 2)
  })
}

test('an FFmpeg within it that is stopped is found, and another packager goes on', async () => {
  begin()
  send(0, 0.5)
  await segments(1)
  const [child] = fs.readFileSync(`/proc/${output.pid}/task/${output.pid}/children`, 'utf8').trim().split(' ').map(Number)
  process.kill(child, 'SIGSTOP')
  await eventually('another', () => output.restarts === 1 && output.state === 'sending')
  assert.throws(() => process.kill(child, 0), { code: 'ESRCH' })
  send(0.5, 1)
  await segments(3)
})

test('an engine that dies leaves no end mark: players go on to wait', async () => {
  const { program, args, environment } = outputCommand(definition(), ffmpegPath)
  const packager = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit', 'pipe'], env: { ...process.env, ...environment } })
  packager.stdin.end(stream)
  packager.stdio[3].end()
  const [code] = await once(packager, 'close')
  assert.equal(code, 0)
  assert.deepEqual([playlistOf().isEnded, playlistOf().segments.length], [false, FRAMES / SEGMENT])
})

test('a real disk that is full: the playlist is never cut, it is told, and it goes on by itself once there is room', { skip: canMount ? false : 'this user may not mount a disk' }, async () => {
  const file = path.join(folder, 'programme.ts')
  const disk = path.join(folder, 'disk')
  fs.mkdirSync(disk)
  fs.writeFileSync(file, await programmeStream(ffmpegPath, ENCODER, format, { first: 0, count: 3 * FRAMES }))
  // Nobody but this program sees the disk, which ends with it.
  const program = [process.execPath, path.join(__dirname, '../../../../test-support/on-small-disk.js'), ffmpegPath, disk, file]
  const mounted = ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=600k none "$0" && exec "$@"', disk, ...program]
  const { stdout } = await promisify(execFile)('unshare', mounted, { timeout: 60_000 })
  const { before: first, whileFull, after, files, states, errors } = JSON.parse(stdout)
  assert.deepEqual(states, ['sending', 'full', 'sending', 'stopped'])
  assert.deepEqual(errors, ['NoRoom: the disk is full. Make room on it, or record somewhere else.'])
  const [begun, full, ended] = [first, whileFull, after].map(Playlist.read)
  assert.deepEqual([full.segments.length, full.first, full.next], [2, begun.first, begun.next])
  assert.ok(ended.next > full.next && ended.isEnded)
  assert.ok(ended.segments.some(({ isDiscontinuous }) => isDiscontinuous))
  for (const { number, init } of ended.segments) assert.ok(files.includes(`live-${number}.m4s`) && files.includes(`init-${init}.mp4`))
})

test('HEVC is packaged by the tag that Apple\'s players know', async () => {
  const hevc = await programmeStream(ffmpegPath, { ...ENCODER, codec: 'hevc' }, format, { first: 0, count: 40 })
  const { program, args, environment } = outputCommand(definition({ codec: 'hevc' }), ffmpegPath)
  const packager = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit', 'pipe'], env: { ...process.env, ...environment } })
  packager.stdin.end(hevc)
  packager.stdio[3].end('end')
  await once(packager, 'close')
  const [{ init }] = playlistOf().segments
  assert.ok(fs.readFileSync(path.join(folder, `init-${init}.mp4`)).includes('hvc1'))
  assert.equal(played().length, 40)
})
