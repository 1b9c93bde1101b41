'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const { Production } = require('../lib/production')
const { eventually } = require('../test-support/eventually')
const { encoder, fileOut, hlsOut, linkIn, linkOut, mixer, source, PASSPHRASE } = require('../test-support/parts')
const { KeptEngines } = require('../test-support/kept-engines')
const { coloursOf, realFfmpeg } = require('../test-support/real-ffmpeg')

const SMALL = { width: 320, height: 180, frameRate: 25 }
const ffmpegPath = realFfmpeg()
process.env.FFMPEG_PATH = ffmpegPath
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'on-air-'))
const said = []
const productions = []

function machine (name, parts) {
  const log = { info: (text) => said.push(text), warn: (text) => said.push(text) }
  const engines = new KeptEngines()
  const production = new Production(log, {
    INSTANCE_NAME: name, PRODUCTION_ID: 'test', MEDIA_HOST: '127.0.0.61', MEDIA_DIR: path.join(folder, name)
  }, { engines })
  for (const part of parts) {
    if (part.format) part.format = SMALL
    production.add(part, { wires: [part.wires], status: () => {} })
  }
  productions.push({ production, engines, ids: parts.map(({ id }) => id) })
  return { production, chain: () => production.metrics.chains[0], mediaDir: path.join(folder, name) }
}

after(async () => {
  await Promise.all(productions.map(({ engines }) => engines.end()))
  await Promise.all(productions.map(goOffAir))
  fs.rmSync(folder, { recursive: true })
})

/** Take the flow away, as one who stops Node-RED's flows. */
function goOffAir ({ production, ids }) {
  for (const id of ids) production.remove(id)
  return production.refresh()
}

test('a production on loopback: encoder first, mixer later and killed once, a fade seen in the recording', async () => {
  const red = source('red', { kind: 'pattern', pattern: 'colour', colour: '#d00000' })
  const blue = source('blue', { bus: 2, kind: 'pattern', pattern: 'colour', colour: '#0000d0' })
  const mixing = machine('mixer', [red, blue, mixer({ fades: [{ atSeconds: 3, fader: 0.5, seconds: 0 }] }), linkOut({ bitRate: 5000000 })])
  const encoding = machine('encoder', [
    linkIn({ address: '127.0.0.61' }), encoder({ bitRate: 1000000, gopFrames: 25 }), hlsOut({ segmentSeconds: 1 }), fileOut()
  ])

  await encoding.production.refresh()
  await eventually('the encoder says what it waits for', () => /^link-in: .*(refused|error)/i.test(encoding.chain()?.lastError ?? ''))
  assert.equal(encoding.chain().state, 'starting')

  await mixing.production.refresh()
  await eventually('the mixer runs with nobody listening', () => mixing.chain().state === 'running')
  await eventually('the encoder runs', () => encoding.chain().state === 'running', 15)
  await eventually('the schedule has moved the fader', () => mixing.production.faderPosition === 0.5)
  const more = (count) => {
    const before = encoding.chain().frames
    return eventually(`${count} frames more`, () => encoding.chain().frames > before + count, 15)
  }
  await more(50)
  await mixing.production.moveFader({ fader: 0, seconds: 0.5 })
  await eventually('the fader has arrived', () => mixing.production.faderPosition === 0)
  await more(60)

  const frames = encoding.chain().frames
  const sourceState = () => encoding.chain().sources[0].state
  process.kill(mixing.chain().pid, 'SIGKILL')
  await eventually('the encoder holds the last picture', () => sourceState() !== 'live')
  await eventually('both run again after the mixer\'s engine was killed', () =>
    mixing.chain().restarts === 1 && mixing.chain().state === 'running' && encoding.chain().state === 'running' && sourceState() === 'live', 15)
  assert.equal(encoding.chain().restarts, 0)
  await eventually('the desk is as it was', () => mixing.production.faderPosition === 0)
  await more(40)
  assert.ok(encoding.chain().frames > frames + 40)

  const recording = path.join(encoding.mediaDir, 'encoder.mp4')
  const colours = coloursOf(ffmpegPath, recording)
  const isRed = ([red, , blue]) => red > 150 && blue < 40
  const isMixed = ([red, , blue]) => Math.abs(red - blue) < 30 && red > 60
  const isBlue = ([red, , blue]) => red < 40 && blue > 150
  const seen = [colours.findIndex(isRed), colours.findIndex(isMixed), colours.findIndex(isBlue)]
  assert.ok(seen[0] >= 0 && seen[0] < seen[1] && seen[1] < seen[2], `bus 1, then half of each, then bus 2: ${JSON.stringify(colours)}`)
  assert.ok(isBlue(colours.at(-1)), `bus 2 again: ${JSON.stringify(colours.at(-1))}`)

  const playlist = fs.readFileSync(path.join(encoding.mediaDir, 'hls', 'live.m3u8'), 'utf8')
  assert.match(playlist, /live-\d+\.m4s/)
  assert.doesNotMatch(playlist, /ENDLIST/)
  const still = fs.readFileSync(path.join(encoding.mediaDir, 'still.jpg'))
  assert.deepEqual([...still.subarray(0, 2), ...still.subarray(-2)], [0xff, 0xd8, 0xff, 0xd9])

  await eventually('the run is long enough for a rate', () => encoding.chain().frameRate > 0)
  const { bitRate, frameRate, speed, lastError } = encoding.chain()
  assert.ok(bitRate > 0 && frameRate > 15 && speed > 0.5, JSON.stringify({ bitRate, frameRate, speed }))
  assert.match(lastError, /^link-in: /)
  assert.deepEqual(fs.readdirSync(encoding.mediaDir).filter((name) => name.endsWith('.mp4')), ['encoder.mp4'], 'one recording, whatever the mixer machine did')
  assert.ok(!said.join('\n').includes(PASSPHRASE) && !JSON.stringify(encoding.production.metrics).includes(PASSPHRASE))

  const started = Date.now()
  await Promise.all(productions.map(goOffAir))
  assert.ok(Date.now() - started < 6000, 'going off air takes less than the container has')
  assert.deepEqual(encoding.production.metrics.chains, [])
})
