'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { Engine } = require('../../engine/engine')
const { FONT, realTime } = require('../../test-support/measuring/conformed')
const { eventually } = require('../../test-support/eventually')
const { Sender, freeUdpPort } = require('../../test-support/live-source')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')

const HOST = '127.0.0.77'
const FORMAT = { width: 128, height: 72, frameRate: 25 }
const PORT = 19350
const [KEY, OTHER_KEY] = ['a-stream-key-1', 'a-stream-key-2']
const PASSPHRASE = 'a passphrase of srt'

const ffmpegPath = realFfmpeg()
let folder, engine, senders, troubles
const rtmp = (name, streamKey) => ({ name, kind: 'rtmp', address: HOST, port: PORT, app: 'live', streamKey })
const pattern = (name) => ({ name, kind: 'pattern', pattern: 'smpte-bars' })
const encoder = {
  name: 'programme', codec: 'h264', preset: 'ultrafast', bitRate: 500_000, bufferSeconds: 1, gopFrames: 25, sound: { bitRate: 96_000 }, outputs: []
}
const define = (...sources) => ({ name: 'chain', format: FORMAT, sources, encoders: [encoder] })
const figuresOf = (name) => engine.state.sources[name]
const isLive = (name) => eventually(`${name} is not live`, () => figuresOf(name)?.state === 'live', 15)

async function begin (...sources) {
  engine = new Engine(define(...sources), { ffmpegPath, folder, font: FONT }, realTime)
  engine.on('trouble', (text) => troubles.push(text))
  await engine.start()
}

function send (...args) {
  const sender = new Sender(ffmpegPath, { args })
  senders.push(sender)
  return sender
}

before(() => {
  [senders, troubles] = [[], []]
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redefine-'))
})

after(async () => {
  await Promise.all(senders.map((sender) => sender.end()))
  await engine?.stop()
  fs.rmSync(folder, { recursive: true })
})

/** Whether something listens on the RTMP port. */
async function isOpen () {
  const socket = net.connect(PORT, HOST)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

test('sources come and go on air, and none of the others notices; the RTMP port is open as long as one needs it', async () => {
  await begin(pattern('a'), pattern('b'))
  assert.equal(await isOpen(), false)

  engine.redefine(define(pattern('a'), pattern('b'), rtmp('camera', KEY)))
  await eventually('the RTMP port is not open', isOpen, 5)
  send('-f', 'flv', `rtmp://${HOST}:${PORT}/live/${KEY}`)
  await isLive('camera')
  const before = figuresOf('camera')
  const pid = figuresOf('a').pid

  const port = await freeUdpPort(HOST)
  const srt = { name: 'srt', kind: 'srt', mode: 'listener', address: HOST, port, latencyMs: 50, passphrase: PASSPHRASE }
  engine.redefine(define(pattern('a'), rtmp('camera', KEY), rtmp('drone', OTHER_KEY), srt))
  send('-f', 'flv', `rtmp://${HOST}:${PORT}/live/${OTHER_KEY}`)
  send('-f', 'mpegts', '-pbkeylen', '16', `srt://${HOST}:${port}?mode=caller&latency=50000&passphrase=${encodeURIComponent(PASSPHRASE)}`)
  await Promise.all([isLive('drone'), isLive('srt')])
  assert.deepEqual(Object.keys(engine.state.sources), ['a', 'camera', 'drone', 'srt'])

  // The same port at once, by another name: who had it lets go of it first.
  engine.redefine(define(pattern('a'), rtmp('camera', KEY), { ...srt, name: 'second' }))
  send('-f', 'mpegts', '-pbkeylen', '16', `srt://${HOST}:${port}?mode=caller&latency=50000&passphrase=${encodeURIComponent(PASSPHRASE)}`)
  await isLive('second')
  const now = figuresOf('camera')
  assert.deepEqual([now.state, now.pid, now.restarts, now.received.senders], ['live', before.pid, before.restarts, 1])
  assert.equal(now.absentFrames, before.absentFrames, 'no picture of the camera was missed')
  assert.equal(figuresOf('a').pid, pid)
  assert.equal(engine.state.missedFrames, 0)
  assert.ok(!troubles.some((text) => /cannot be listened/.test(text)), troubles)

  engine.redefine(define(pattern('a')))
  await eventually('the RTMP port is still open', async () => !(await isOpen()), 5)
})

test('an RTMP port that something else has is a trouble of its source, which goes away with it', async () => {
  await engine.stop()
  const squatter = net.createServer().listen(PORT, HOST)
  await once(squatter, 'listening')
  await begin(pattern('a'), rtmp('camera', KEY))
  await eventually('nothing is told', () => figuresOf('camera').reason === 'SourceUnreachable', 5)
  assert.match(figuresOf('camera').lastError, /port 19350 cannot be listened on.*EADDRINUSE/)
  squatter.close()
  await once(squatter, 'close')
  await eventually('the port is not listened on', isOpen, 5)
  send('-f', 'flv', `rtmp://${HOST}:${PORT}/live/${KEY}`)
  await isLive('camera')
})

test('the fader moves between the sources numbered 1 and 2, whatever there is beside', async () => {
  await engine.stop()
  const numbered = (name, number) => ({ ...pattern(name), number })
  await begin(numbered('b', 2), numbered('c', 3))
  assert.deepEqual([engine.state.programme, engine.state.preview], ['black', 'b'])
  engine.redefine(define(numbered('a', 1), numbered('b', 2), numbered('c', 3)))
  engine.buses.cutTo('c')
  assert.equal(engine.moveFader(0, 0), false)
  engine.buses.cutTo('a')
  engine.buses.preset('b')
  assert.equal(engine.moveFader(0, 0), true)
})

test('a source that gets another name on air stays there, and the fader goes on', async () => {
  await engine.stop()
  const numbered = (name, number) => ({ ...pattern(name), number })
  const buses = () => [engine.state.programme, engine.state.preview]
  const take = (...sources) => engine.redefine(define(...sources))
  const [b, c] = [numbered('b', 2), numbered('c', 3)]
  await begin(numbered('a', 1), b, c)
  take(numbered('camera', 1), b, c)
  assert.deepEqual(buses(), ['camera', 'b'])
  assert.equal(engine.moveFader(0.5, 0), true)
  engine.buses.cutTo('c')
  take(numbered('camera', 1), b, numbered('studio', 3))
  assert.deepEqual(buses(), ['studio', 'camera'])
  take(numbered('camera', 1), b)
  assert.deepEqual(buses(), ['b', 'camera'], 'what was on programme is no more: the free one of the two that the fader knows')
  take(b)
  assert.deepEqual(buses(), ['b', 'black'])
  take(numbered('second', 1), b)
  assert.deepEqual(buses(), ['b', 'second'])
  assert.equal(engine.moveFader(1, 0), true)
})

test('of two sources with one name the first is taken away: the second is on air by that name', async () => {
  await engine.stop()
  await begin({ ...pattern('source'), number: 1 }, { ...pattern('source 2'), number: 2 })
  engine.redefine(define({ ...pattern('source'), number: 2 }))
  assert.deepEqual([engine.state.programme, engine.state.preview], ['source', 'black'])
  assert.equal(engine.moveFader(1, 0), true)
})
