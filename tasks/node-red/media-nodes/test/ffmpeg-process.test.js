'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const clock = require('../lib/clock')
const { FfmpegProcess } = require('../lib/ffmpeg-process')

const FAKE = path.join(__dirname, '..', 'test-support', 'fake-ffmpeg.js')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ffmpeg-process-'))
after(() => fs.rmSync(folder, { recursive: true }))

function start (behaviour) {
  process.env.FAKE_FFMPEG = behaviour
  return new FfmpegProcess(FAKE, [], clock)
}

test('an FFmpeg that is not there ends with the reason', async () => {
  const [how] = await once(new FfmpegProcess('/no/such/ffmpeg', [], clock), 'exit')
  assert.equal(how.error.code, 'ENOENT')
})

test('it is asked to finish first', async () => {
  const file = path.join(folder, 'asked')
  const ffmpeg = start(`commands ${file}`)
  await once(ffmpeg, 'report')
  await ffmpeg.stop(20)
  assert.equal(fs.readFileSync(file, 'utf8'), 'q')
})

test('one that hears neither the question nor TERM is killed when the grace is over', async () => {
  const ffmpeg = start('deaf')
  await once(ffmpeg, 'report')
  const ended = once(ffmpeg, 'exit')
  await ffmpeg.stop(0.4)
  assert.equal((await ended)[0].signal, 'SIGKILL')
})

test('of commands that come too fast only the newest is given', async () => {
  const file = path.join(folder, 'commands')
  const ffmpeg = start(`commands ${file}`)
  await once(ffmpeg, 'report')
  for (let step = 0; step <= 10; step++) ffmpeg.command(`step ${step}`)
  await new Promise((resolve) => setTimeout(resolve, 400))
  await ffmpeg.stop(20)
  assert.equal(fs.readFileSync(file, 'utf8'), 'cstep 0\ncstep 10\nq')
})

test('stopping one that is gone already is done at once', async () => {
  const ffmpeg = start('fail')
  await once(ffmpeg, 'exit')
  await ffmpeg.stop(10)
})
