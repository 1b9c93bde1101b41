'use strict'

/** What is seen while a source is gone or wrong: itself held, its slate, or the source that stands in for it. */

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { eventually } = require('../../../test-support/eventually')
const { KeptEngines } = require('../../../test-support/kept-engines')
const { coloursOf, realFfmpeg } = require('../../../test-support/real-ffmpeg')

const ffmpeg = realFfmpeg()
process.env.FFMPEG_PATH = ffmpeg
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'source-loss-'))
const engines = new KeptEngines()
const FORMAT = { width: 320, height: 180, frameRate: 25 }
const state = () => engines.command('mixer', { command: 'state' })

/** A clip of noise in a colour: it moves; `more` filters what is drawn. */
function clip (name, colour, more) {
  const file = path.join(folder, name)
  execFileSync(ffmpeg, [
    '-v', 'error', '-f', 'lavfi', '-i', `color=${colour}:size=320x180:rate=25,noise=alls=20:allf=t${more}`, '-f', 'lavfi', '-i', 'sine=frequency=500', '-t', '12',
    '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-c:a', 'aac', file
  ])
  return file
}

before(async () => {
  const sources = [
    // From its second second on it stands still.
    { name: 'one', kind: 'file', location: clip('one.mp4', 'red', ',loop=loop=300:size=1:start=25'), looped: true, onLoss: { holdMs: 200, detect: ['frozen'], failoverTo: 2 } },
    { name: 'two', kind: 'file', location: clip('two.mp4', 'blue', ''), looped: true }
  ]
  await engines.start('mixer', {
    name: 'mixer',
    format: FORMAT,
    sources,
    beginsWithSource: true,
    encoders: [{
      name: 'programme', codec: 'h264', preset: 'ultrafast', bitRate: 2_000_000, bufferSeconds: 1, gopFrames: 25, sound: { bitRate: 128_000 },
      outputs: [{ name: 'recording', kind: 'recording', folder, fileName: 'programme.mp4' }]
    }]
  })
})
after(async () => {
  await engines.end()
  fs.rmSync(folder, { recursive: true })
})

test('a source that stands still is gone, and the one that it names is seen in its place until it moves again', async () => {
  await eventually('it plays', async () => (await state().catch(() => null))?.sources.one.state === 'live')
  await eventually('it is found frozen', async () => (await state()).sources.one.wrong === 'frozen', 15)
  const { programme } = await state()
  assert.equal(programme, 'one', 'the buses stay as they are')
  await eventually('it moves again', async () => (await state()).sources.one.state === 'live', 20)
  await engines.stop('mixer')
  const colours = coloursOf(ffmpeg, path.join(folder, 'programme.mp4')).map(([red, , blue]) => red > blue ? 'red' : 'blue')
  const runs = colours.filter((colour, index) => colour !== colours[index - 1])
  assert.deepEqual(runs.slice(0, 3), ['red', 'blue', 'red'])
})
