'use strict'

/** A destination by SRT that nobody calls, on real FFmpeg: its FFmpeg reads nothing, so nothing that ends is told to it. */

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { after, before, test } = require('node:test')
const { countedProgramme } = require('../../../test-support/counted-programme')
const { eventually } = require('../../../test-support/eventually')
const { KeptEngines } = require('../../../test-support/kept-engines')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

const [RATE, HOST, PORT] = [25, '127.0.0.84', 19741]
const ffmpegPath = process.env.FFMPEG_PATH = realFfmpeg()
const engines = new KeptEngines()
const station = { name: 'station', kind: 'destination', to: 'srt', mode: 'listener', address: HOST, port: PORT, latencyMs: 120, passphrase: 'a passphrase of ours' }
const define = (...outputs) => countedProgramme({ width: 160, height: 90, frameRate: RATE }, outputs)
const output = async () => (await engines.command('mixer', { command: 'state' })).encoders[0].outputs.find(({ name }) => name === 'station')

function isThere (pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Its process and its FFmpeg, once there are others than before. */
async function listening ([pidBefore, ffmpegBefore] = []) {
  let found
  await eventually('it listens', async () => {
    const { pid, told } = await output().catch(() => ({}))
    found = [pid, told?.ffmpegPid]
    return found.every(Boolean) && pid !== pidBefore && found[1] !== ffmpegBefore
  }, 20)
  return found
}

before(() => engines.start('mixer', define(station)))
after(() => engines.end())

test('its process is killed: another one listens, and the FFmpeg of the one before has let go of the port', async () => {
  const before = await listening()
  process.kill(before[0], 'SIGKILL')
  await listening(before)
  await eventually('the FFmpeg of the one before is gone', () => !isThere(before[1]))
  const receiver = spawn(ffmpegPath, ['-v', 'error', '-passphrase', station.passphrase, '-i', `srt://${HOST}:${PORT}?mode=caller`, '-c', 'copy', '-f', 'null', '-'], { stdio: 'ignore' })
  try {
    await eventually('it is taken', async () => (await output()).told?.bytes > 50_000, 20)
  } finally {
    receiver.kill('SIGKILL')
  }
})

test('the engine is killed: nothing of it stays, and another one listens', async () => {
  const before = await listening()
  process.kill((await engines.list()).find(({ key }) => key === 'mixer').pid, 'SIGKILL')
  await listening(before)
  await eventually('the FFmpeg of the one before is gone', () => !isThere(before[1]))
})

test('it is taken out: it is gone within the time that an output has to finish', async () => {
  const before = await listening()
  const startedAt = performance.now()
  await engines.start('mixer', define())
  await eventually('all of it is gone', () => !before.some(isThere))
  assert.ok(performance.now() - startedAt < 10_000)
})
