'use strict'

/** What killing and stopping each process of an engine costs, counted in frames of the programme. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { eventually } = require('../../test-support/eventually')
const { KeptEngines } = require('../../test-support/kept-engines')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')

const FRAME_RATE = 25
/** A stopped engine is known to be one after half a second. */
const BACK_SECONDS = { SIGKILL: 1.5, SIGSTOP: 2.5 }
process.env.FFMPEG_PATH = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'killed-'))
const engines = new KeptEngines()
const DEFINITION = {
  name: 'mixer',
  format: { width: 320, height: 180, frameRate: FRAME_RATE },
  sources: [{ name: 'one', kind: 'pattern', pattern: 'test-card' }, { name: 'two', kind: 'pattern', pattern: 'smpte-bars' }],
  fader: 1,
  fades: [],
  beginsWithSource: false,
  encoders: [{
    name: 'programme',
    codec: 'h264',
    preset: 'ultrafast',
    bitRate: 1_000_000,
    bufferSeconds: 1,
    gopFrames: FRAME_RATE,
    sound: { bitRate: 128_000 },
    outputs: [
      { name: 'recording', kind: 'recording', folder, fileName: 'programme.mp4' },
      { name: 'stream', kind: 'hls', folder: path.join(folder, 'hls'), segmentSeconds: 1 }
    ]
  }]
}
const state = () => engines.command('mixer', { command: 'state' })
const lost = ({ encoders: [{ droppedFrames }], missedFrames }) => droppedFrames + missedFrames

before(async () => {
  await engines.start('mixer', DEFINITION)
  await eventually('the engine is on air', async () => {
    const { sources, encoders: [{ frames }] } = await state().catch(() => ({ sources: {}, encoders: [{ frames: 0 }] }))
    return frames > 0 && Object.values(sources).every((source) => source.state === 'live')
  })
})
after(async () => {
  await engines.end()
  fs.rmSync(folder, { recursive: true })
})

/**
 * Hurt a process, and wait until what it does is done again by another.
 *
 * @returns {Promise<{seconds: number, cost: number}>} how long that took, and the frames of the programme that nobody saw
 */
async function hurt (signal, partOf, isBack) {
  const begun = await state()
  const { pid, restarts } = partOf(begun)
  const startedAt = performance.now()
  process.kill(pid, signal)
  await eventually('another has taken its place', async () => {
    const now = await state()
    return partOf(now).restarts > restarts && isBack(now, begun)
  }, 15)
  const seconds = (performance.now() - startedAt) / 1000
  await pause(300)
  return { seconds, cost: lost(await state()) - lost(begun) }
}

for (const signal of ['SIGKILL', 'SIGSTOP']) {
  // One that is stopped is found out a second later.
  const noticed = signal === 'SIGSTOP' ? 1 : 0

  test(`an ingest, ${signal}: no frame of the programme is missing, the source is back within 2 s`, async () => {
    const { seconds, cost } = await hurt(signal, ({ sources }) => sources.one, ({ sources }) => sources.one.state === 'live')
    assert.equal(cost, 0)
    assert.ok(seconds < 2 + noticed, `${seconds} s`)
    assert.equal((await state()).sources.two.restarts, 0)
  })

  test(`an output, ${signal}: nothing but its own pictures are missing, and it is back`, async () => {
    const output = ({ encoders: [{ outputs }] }) => outputs[1]
    const { seconds, cost } = await hurt(signal, output, (now) => output(now).state === 'sending')
    assert.equal(cost, 0)
    assert.ok(seconds < 2 + noticed, `${seconds} s`)
  })

  test(`the programme encoder, ${signal}: costs at most 1.5 s`, async () => {
    const encoder = ({ encoders }) => encoders[0]
    const { cost } = await hurt(signal, encoder, (now, begun) => encoder(now).frames > encoder(begun).frames)
    assert.ok(cost > 0 && cost <= 1.5 * FRAME_RATE, `${cost} frames`)
  })
}

for (const signal of ['SIGKILL', 'SIGSTOP']) {
  test(`the engine, ${signal}: the programme is back within ${BACK_SECONDS[signal]} s, as the desk was`, async () => {
    await engines.command('mixer', { command: 'cut', source: 'two' })
    const { pid } = await state()
    const startedAt = performance.now()
    process.kill(pid, signal)
    let seconds
    const now = await eventually('another engine', async () => {
      const told = await Promise.race([state().catch(() => null), pause(200, null)])
      if (told === null || told.pid === pid || told.encoders[0].frames === 0) return null
      seconds ??= (performance.now() - startedAt) / 1000
      return Object.values(told.sources).every((source) => source.state === 'live') ? told : null
    }, 15)
    assert.ok(seconds < BACK_SECONDS[signal], `${seconds} s`)
    assert.deepEqual([now.programme, now.preview], ['two', 'one'])
    await engines.command('mixer', { command: 'cut', source: 'one' })
  })
}
