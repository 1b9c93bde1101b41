'use strict'

/** Outputs come, go, hang and die on air: the others miss nothing, and the encoder goes on. */

const assert = require('node:assert/strict')
const { execFileSync, spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { RtmpServer } = require('../../../engine/sources/rtmp/rtmp-server')
const { countedProgramme } = require('../../../test-support/counted-programme')
const { eventually } = require('../../../test-support/eventually')
const { KeptEngines } = require('../../../test-support/kept-engines')
const { realTime } = require('../../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

const [RATE, HOST, SRT_PORT, KEY] = [25, '127.0.0.83', 19740, 'the-key-of-theirs']
const ffmpegPath = process.env.FFMPEG_PATH = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'outputs-'))
const engines = new KeptEngines()
const recording = (fileName) => ({ name: fileName, kind: 'recording', folder, fileName })
const rtmp = (name, port) => ({ name, kind: 'destination', to: 'rtmp', url: `rtmp://${HOST}:${port}/live`, secret: 'organist/s/key' })
const srt = { name: 'station', kind: 'destination', to: 'srt', mode: 'listener', address: HOST, port: SRT_PORT, latencyMs: 120, passphrase: 'a passphrase of ours' }
const define = (...outputs) => countedProgramme({ width: 320, height: 180, frameRate: RATE }, outputs)
const programme = async () => (await engines.command('mixer', { command: 'state' })).encoders[0]
const outputNamed = async (name) => (await programme()).outputs.find((output) => output.name === name)

let secrets, receiver, hanging, dying
const taken = []

/** An RTMP server that takes what is published with the key. */
async function rtmpServer (port = 0) {
  const server = new RtmpServer(realTime)
  await server.listen(port, HOST)
  server.register({ app: 'live', key: KEY }, { begin () {}, message: () => taken.push(Date.now()), gone () {} })
  return server
}

before(async () => {
  secrets = http.createServer((request, response) => request.resume().on('end', () => response.end(JSON.stringify({ SecretString: KEY })))).listen(0, '127.0.0.1')
  await once(secrets, 'listening')
  Object.assign(process.env, { AWS_ENDPOINT_URL: `http://127.0.0.1:${secrets.address().port}`, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' })
  // It shakes hands with nobody.
  hanging = net.createServer((socket) => socket.on('error', () => {})).listen(0, HOST)
  await once(hanging, 'listening')
  dying = await rtmpServer()
})
after(async () => {
  receiver?.kill('SIGKILL')
  await engines.end()
  await dying.close().catch(() => {})
  hanging.close()
  secrets.close()
  fs.rmSync(folder, { recursive: true })
})

function framesOf (file) {
  const told = execFileSync(ffmpegPath, ['-v', 'error', '-i', file, '-map', '0:v', '-f', 'framehash', 'pipe:1'], { encoding: 'utf8' })
  return told.split('\n').filter((line) => /^0,/.test(line)).length
}

test('two RTMP servers, of which one hangs and one dies and returns, and a receiver by SRT, come on air beside a recording', async () => {
  await engines.start('mixer', define(recording('first.mp4')))
  await eventually('on air', async () => (await programme().catch(() => ({ frames: 0 }))).frames > RATE)
  const { pid } = await programme()
  // What came before the first key picture nobody could have used.
  const { pid: recorder, missedBytes } = await outputNamed('first.mp4')
  const port = dying.port
  await engines.start('mixer', define(recording('first.mp4'), rtmp('hanging', hanging.address().port), rtmp('dying', port), srt, recording('second.mp4')))
  receiver = spawn(ffmpegPath, ['-v', 'error', '-passphrase', srt.passphrase, '-i', `srt://${HOST}:${SRT_PORT}?mode=caller`, '-c', 'copy', '-y', path.join(folder, 'received.ts')], { stdio: 'ignore' })
  await eventually('RTMP is taken', () => taken.length > RATE, 20)
  await eventually('SRT is taken', async () => (await outputNamed('station')).told?.bytes > 100_000, 20)
  const receivedBefore = (await outputNamed('station')).told.bytes
  await dying.close()
  await eventually('it is named', async () => /Destination(Refused|Unreachable)/.test((await outputNamed('dying')).lastError))
  await eventually('the one that hangs is named, too', async () => /does not answer within/.test((await outputNamed('hanging')).lastError), 20)
  const before = taken.length
  dying = await rtmpServer(port)
  await eventually('it is taken again', () => taken.length > before + RATE, 20)
  const station = await outputNamed('station')
  assert.ok(station.told.bytes > receivedBefore)
  assert.deepEqual([station.restarts, station.missedBytes, (await outputNamed('first.mp4')).missedBytes], [0, 0, missedBytes])
  assert.deepEqual([(await programme()).pid, (await outputNamed('first.mp4')).pid], [pid, recorder], 'neither the encoder nor what went on has begun anew')
})

test('what is taken out ends whole; what stays misses nothing', async () => {
  await engines.start('mixer', define(recording('first.mp4'), srt))
  await eventually('it is complete', () => JSON.parse(fs.readFileSync(path.join(folder, 'second.json'), 'utf8')).files[0].state === 'complete')
  const [second] = JSON.parse(fs.readFileSync(path.join(folder, 'second.json'), 'utf8')).files
  assert.equal(framesOf(path.join(folder, 'second.mp4')), second.frames)
  assert.deepEqual((await programme()).outputs.map(({ name }) => name), ['first.mp4', 'station'])
  await pause(1000)
  const { frames, droppedFrames } = await programme()
  await engines.stop('mixer')
  const { files: [first], gaps } = JSON.parse(fs.readFileSync(path.join(folder, 'first.json'), 'utf8'))
  assert.deepEqual([droppedFrames, gaps], [0, []])
  assert.ok(first.frames >= frames && first.frames <= frames + 2 * RATE, `${first.frames} recorded, ${frames} encoded a moment before`)
  assert.equal(framesOf(path.join(folder, 'first.mp4')), first.frames)
})
