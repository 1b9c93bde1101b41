'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const { ChainRunner } = require('../lib/chain-runner')
const clock = require('../lib/clock')
const { findChains } = require('../lib/graph')
const { prepareFiles } = require('../lib/media-files')
const { eventually } = require('../test-support/eventually')
const { encode, linkOut, mixer } = require('../test-support/parts')

const mediaDir = fs.mkdtempSync(path.join(os.tmpdir(), 'chain-runner-'))
const place = { ffmpegPath: path.join(__dirname, '..', 'test-support', 'fake-ffmpeg.js'), host: '127.0.0.1', mediaDir }
after(() => fs.rmSync(mediaDir, { recursive: true }))

function runner (behaviour, parts = encode(), more = {}) {
  process.env.FAKE_FFMPEG = behaviour
  return new ChainRunner(findChains(parts)[0], { ...place, ...more }, clock)
}

test('an FFmpeg that fails is started again, and its first complaint is told without the passphrase', async () => {
  const failing = runner('fail')
  failing.start()
  const [first] = await once(failing, 'trouble')
  const [second] = await once(failing, 'trouble')
  await failing.stop()
  assert.match(first, /ended with exit code 1: Connection to srt:\/\/h:1\?passphrase=\*\*\* failed; next attempt in 0.25 s/)
  assert.match(second, /next attempt in 0.5 s/)
  assert.equal(failing.restarts, 1)
  assert.equal(failing.state, 'stopped')
})

test('it is running once pictures flow, and counts go on over restarts', async () => {
  const states = []
  const counting = runner('frames')
  counting.on('change', () => states.push(counting.state))
  counting.start()
  await eventually('four frames', () => counting.figures.frames === 4)
  await counting.stop()
  assert.deepEqual(states.slice(0, 4), ['starting', 'running', 'waiting', 'starting'])
  assert.equal(counting.figures.droppedFrames, 2)
})

test('a program that is not there is an attempt that failed', async () => {
  const missing = runner('', encode(), { ffmpegPath: '/no/such/ffmpeg' })
  missing.start()
  const [text] = await once(missing, 'trouble')
  await missing.stop()
  assert.match(text, /FFmpeg spawn \/no\/such\/ffmpeg ENOENT; next attempt in 0.25 s/)
})

test('a folder that cannot be made is an attempt that failed', async () => {
  const blocked = runner('frames', encode(), { mediaDir: '/dev/null/media' })
  const trouble = once(blocked, 'trouble')
  blocked.start()
  const [text] = await trouble
  await blocked.stop()
  assert.match(text, /ENOTDIR/)
})

test('a chain with faults stays stopped and says why', async () => {
  const faulty = runner('frames', [mixer(), linkOut()])
  const trouble = once(faulty, 'trouble')
  faulty.start()
  await trouble
  assert.equal(faulty.state, 'stopped')
  assert.equal(faulty.lastError, 'mixer gets no pictures: wire a source to it')
})

test('no recording is overwritten', () => {
  const [chain] = findChains(encode())
  for (const expected of ['encoder.mp4', 'encoder-2.mp4', 'encoder-3.mp4']) {
    const file = prepareFiles(chain, mediaDir)['file-out']
    assert.equal(path.basename(file), expected)
    fs.writeFileSync(file, '')
  }
})
