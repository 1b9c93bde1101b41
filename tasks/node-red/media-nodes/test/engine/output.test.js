'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { afterEach, beforeEach, test } = require('node:test')
const { Output } = require('../../engine/outputs/output')
const { eventually } = require('../../test-support/eventually')
const { FakeClock } = require('../../test-support/fake-clock')

const READER = path.join(__dirname, '../../test-support/slow-reader.js')
const MEGABYTE = 1_000_000
const MOST_WAITING_BYTES = 4 * MEGABYTE
/** What the pipe itself takes beside the queue. */
const PIPE_BYTES = MEGABYTE

let folder
let time
let output

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'output-'))
  time = new FakeClock()
})
afterEach(async () => {
  if (output?.pid) process.kill(output.pid, 'SIGUSR2')
  await output?.stop()
  output = null
  fs.rmSync(folder, { recursive: true })
})

/** A program in FFmpeg's place. */
function program (text) {
  const file = path.join(folder, 'program')
  fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return file
}

const reader = () => program(`exec ${process.execPath} ${READER} "$@"`)
/** FFmpeg itself writes this file. */
const recording = () => ({ name: 'still', kind: 'still', file: written() })
const written = () => path.join(folder, 'programme.mp4')
const begun = (file = written()) => eventually('the process has begun', () => fs.existsSync(`${file}.begun`) && fs.readFileSync(`${file}.begun`, 'utf8') !== '')
const piece = (value, bytes = MEGABYTE, isEntry = false) => ({ bytes: Buffer.alloc(bytes, value), isEntry })

test('an output that takes nothing has a bounded queue; then it goes on with the next key picture, and all before it was whole', async () => {
  output = new Output(recording(), reader(), () => Buffer.from('since'), time)
  output.start()
  await begun()
  for (let value = 1; value <= 20; value++) output.send(piece(value))
  const taken = 20 * MEGABYTE - output.missedBytes
  assert.ok(taken >= MOST_WAITING_BYTES && taken <= MOST_WAITING_BYTES + MEGABYTE + PIPE_BYTES, `${taken} bytes wait`)
  output.send(piece(21, 188, true))
  output.send(piece(22))
  assert.equal(20 * MEGABYTE - output.missedBytes, taken - MEGABYTE - 188, 'a key picture that comes while the queue is full is missed, too')

  process.kill(output.pid, 'SIGUSR2')
  await eventually('the queue is written', () => fs.existsSync(written()) && fs.statSync(written()).size === 5 + taken)
  const missed = output.missedBytes
  output.send(piece(23))
  assert.equal(output.missedBytes, missed + MEGABYTE, 'what comes before a key picture is of no use')
  output.send(piece(24, 188, true))
  output.send(piece(25))
  assert.equal(output.missedBytes, missed + MEGABYTE)
  await output.stop()

  const bytes = fs.readFileSync(written())
  const expected = [Buffer.from('since'), ...Array.from({ length: taken / MEGABYTE }, (_, index) => Buffer.alloc(MEGABYTE, index + 1)), Buffer.alloc(188, 24), Buffer.alloc(MEGABYTE, 25)]
  assert.ok(bytes.equals(Buffer.concat(expected)))
  output = null
})

test('an output that begins before the first key picture waits for it', async () => {
  output = new Output(recording(), reader(), () => null, time)
  output.start()
  await begun()
  output.send(piece(1, 188))
  assert.equal(output.missedBytes, 188)
  output.send(piece(2, 188, true))
  output.send(piece(3, 188))
  process.kill(output.pid, 'SIGUSR2')
  await eventually('all is written', () => fs.existsSync(written()) && fs.statSync(written()).size === 2 * 188)
})

test('an output that takes nothing for four seconds is ended, and begins again with what a decoder needs first', async () => {
  const troubles = []
  output = new Output(recording(), reader(), () => Buffer.from('since'), time)
  output.on('trouble', (text) => troubles.push(text))
  output.start()
  await begun()
  for (let value = 1; value <= 3; value++) output.send(piece(value))
  time.pass(3900)
  output.send(piece(4, 188))
  assert.equal(output.state, 'sending')
  time.pass(100)
  output.send(piece(5, 188))
  await once(output, 'trouble')
  assert.deepEqual([output.state, output.restarts, troubles], ['waiting', 1, ['took nothing for 4 s (FFmpeg ended by SIGKILL)']])
  output.send(piece(6, 188))
  assert.equal(output.missedBytes, 188)
  fs.rmSync(`${written()}.begun`)
  time.pass(200)
  assert.equal(output.state, 'sending')
  await begun()
  process.kill(output.pid, 'SIGUSR2')
  await eventually('it is given the newest key picture', () => fs.existsSync(written()) && fs.readFileSync(written(), 'utf8') === 'since')
})

test('one that waits for a caller may take nothing for as long as it likes', async () => {
  output = new Output({ name: 'link', kind: 'srt', mode: 'listener', address: '127.0.0.1', port: 9, latencyMs: 120 }, program('exec sleep 60'), () => Buffer.alloc(8 * MEGABYTE), time)
  output.start()
  time.pass(60_000)
  output.send(piece(1, 188))
  assert.equal(output.state, 'sending')
  process.kill(output.pid, 'SIGKILL')
  await once(output, 'trouble')
})

test('one that fails at once is tried again more and more seldom, and says why', async () => {
  output = new Output(recording(), program('echo "[out#0 @ 0x1] [error] No space left on device" >&2; exit 228'), () => null, time)
  const pauses = []
  output.start()
  for (let attempt = 0; attempt < 8; attempt++) {
    await once(output, 'trouble')
    const [{ at }] = time.timers
    pauses.push(at - time.now())
    time.pass(at - time.now())
  }
  assert.deepEqual(pauses, [200, 400, 800, 1600, 3200, 5000, 5000, 5000])
  await once(output, 'trouble')
  assert.equal(output.lastError, 'No space left on device (FFmpeg ended with exit code 228)')
})

test('a program that is not there is told like any other failure', async () => {
  output = new Output(recording(), path.join(folder, 'nowhere'), () => null, time)
  output.start()
  const [text] = await once(output, 'trouble')
  assert.match(text, /ENOENT/)
})

test('a folder that cannot be made is told like any other failure, and tried again', async () => {
  const troubles = []
  fs.writeFileSync(path.join(folder, 'file'), '')
  output = new Output({ name: 'pages', kind: 'hls', folder: path.join(folder, 'file', 'hls'), segmentSeconds: 2, groupSeconds: 1 }, program('exec cat > /dev/null'), () => null, time)
  output.on('trouble', (text) => troubles.push(text))
  output.start()
  await once(output, 'trouble')
  assert.deepEqual([output.state, output.pid, output.restarts], ['waiting', null, 1])
  assert.match(output.lastError, /ENOTDIR.*The packager ended with exit code 1/)
  time.pass(200)
  await once(output, 'trouble')
  assert.equal(troubles.length, 2)
  fs.rmSync(path.join(folder, 'file'))
  time.pass(400)
  assert.equal(output.state, 'sending')
})
