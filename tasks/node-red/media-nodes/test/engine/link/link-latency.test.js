'use strict'

/** What is told of the link: how long pictures take, by stamps in their sound and the far end's clock, and what of them never came. */

const assert = require('node:assert/strict')
const dgram = require('node:dgram')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { Engine } = require('../../../engine/engine')
const { FarClock } = require('../../../engine/link/far-clock')
const { LinkLatency } = require('../../../engine/link/link-latency')
const { readStamp, stamped } = require('../../../engine/link/time-stamp')
const { eventually } = require('../../../test-support/eventually')
const { FakeClock } = require('../../../test-support/fake-clock')
const { FONT, realTime } = require('../../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { noise, sine, stereo } = require('../../../test-support/sounds')

const ffmpegPath = realFfmpeg()
const FORMAT = { width: 320, height: 180, frameRate: 25 }
const FRAME_MS = 40
const [NEAR, FAR, PORT, CONTROL_PORT] = ['127.0.0.68', '127.0.0.69', 9710, 9711]
const AHEAD_MS = 123_456.7
/** So many are timed. */
const CUTS = 5

const soundOf = (of) => stereo(0.04, of)
const white = noise(5)

test('a stamp is read where it was written, off by some samples too, and is not heard', () => {
  for (const of of [() => 0, sine(1000, 0.9), () => 0.99 * white.next().value, () => -1, () => 1]) {
    const samples = soundOf(of)
    const marked = stamped(samples, 123_456.789)
    assert.equal(readStamp(marked), 123_456.789)
    for (const off of [1, 2]) assert.equal(readStamp(marked.subarray(2 * off)), 123_456.789)
    assert.ok(marked.every((value, at) => Math.abs(value - samples[at]) <= 2 ** -22))
    assert.equal(readStamp(samples), null)
  }
})

test('a stamp that is damaged, or faded, is none', () => {
  const marked = stamped(soundOf(sine(440, 0.5)), 5000)
  assert.equal(readStamp(marked.map((value) => value * 0.999)), null)
  const changed = marked.slice()
  changed[2 * 50] += 2 ** -23
  assert.equal(readStamp(changed), null)
  assert.equal(readStamp(marked.subarray(0, 100)), null)
})

test('of the far end\'s clock the quickest answer counts, and it says how wrong it may be', () => {
  const clock = new FarClock()
  assert.equal(clock.now, null)
  // It is 1000 ms ahead; one way takes 1 ms, the other one 21.
  clock.add({ sent: 0, received: 1001, answered: 1002, heard: 23 })
  assert.deepEqual(clock.now, { offsetMs: 990, errorMs: 11 })
  clock.add({ sent: 100, received: 1101, answered: 1101, heard: 102 })
  clock.add({ sent: 200, received: 1205, answered: 1205, heard: 220 })
  assert.deepEqual(clock.now, { offsetMs: 1000, errorMs: 1 })
  clock.forget()
  assert.equal(clock.now, null)
})

test('the figure is the middle one, and ends when nothing comes any more', () => {
  const time = new FakeClock()
  const latency = new LinkLatency(time)
  const clock = { offsetMs: 1000, errorMs: 0.26 }
  latency.shown(stamped(soundOf(() => 0), 5), null)
  assert.deepEqual(latency.figures, { latencyMs: null, latencyErrorMs: null })
  for (const ms of [300, 900, 301]) latency.shown(stamped(soundOf(() => 0), time.now() + 1000 - ms), clock)
  latency.shown(soundOf(() => 0), clock)
  assert.deepEqual(latency.figures, { latencyMs: 301, latencyErrorMs: 0.3 })
  time.pass(2001)
  assert.deepEqual(latency.figures, { latencyMs: null, latencyErrorMs: null })
})

/** Whether a packet of SRT is one of data that never comes: however often it is sent again, it has the same number. */
const isUnlucky = (datagram) => datagram[0] < 0x80 && datagram.readUInt32BE(0) % 40 < 6

/** Passes SRT and the control on, from one address to another; some data from there never comes while `isLossy`. */
async function lossyWay () {
  const way = { isLossy: false, dropped: 0 }
  const server = dgram.createSocket('udp4').bind(PORT, NEAR)
  const onward = dgram.createSocket('udp4').bind(0, NEAR)
  let caller = null
  server.on('message', (datagram, { address, port }) => {
    caller = { address, port }
    onward.send(datagram, PORT, FAR)
  })
  onward.on('message', (datagram) => {
    if (way.isLossy && isUnlucky(datagram)) way.dropped += 1
    else if (caller) server.send(datagram, caller.port, caller.address)
  })
  const sockets = new Set()
  const control = net.createServer((socket) => {
    const far = net.connect(CONTROL_PORT, FAR)
    for (const [one, other] of [[socket, far], [far, socket]]) {
      sockets.add(one)
      one.on('error', () => {}).on('close', () => other.destroy()).pipe(other)
    }
  }).listen(CONTROL_PORT, NEAR)
  await Promise.all([server, onward, control].map((one) => once(one, 'listening')))
  way.close = async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all([server, onward, control].map((one) => new Promise((resolve) => one.close(resolve))))
  }
  return way
}

test('what is measured is what a picture takes, whatever the clocks say, and losses and new calls are counted', async (t) => {
  const way = await lossyWay()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'latency-'))
  const link = { port: PORT, controlPort: CONTROL_PORT, latencyMs: 120, passphrase: 'a passphrase of the test' }
  const encoder = { name: 'link', codec: 'h264', preset: 'ultrafast', bitRate: 2_000_000, bufferSeconds: 0.2, gopFrames: 12, sound: null, outputs: [{ name: 'link', kind: 'srt', mode: 'listener', address: FAR, ...link }] }
  const place = (name) => {
    fs.mkdirSync(path.join(folder, name))
    return { ffmpegPath, folder: path.join(folder, name), font: FONT }
  }
  const colour = (name, colour) => ({ name, kind: 'pattern', pattern: 'colour', colour })
  const mixer = new Engine({ name: 'mixer', format: FORMAT, sources: [colour('black', '#101010'), colour('white', '#f0f0f0')], encoders: [encoder] }, place('mixer'), realTime)
  const ahead = { ...realTime, now: () => performance.now() + AHEAD_MS }
  const receiver = new Engine({ name: 'encoder', format: FORMAT, sources: [{ name: 'link', kind: 'srt', mode: 'caller', address: NEAR, ...link }], encoders: [] }, place('encoder'), ahead)
  const figures = () => receiver.state.sources.link
  const middle = ({ bytes }) => bytes[90 * FORMAT.width + 20]
  /** When an engine shows a picture as bright as that; ms. */
  const seen = (engine, shows) => new Promise((resolve) => {
    const look = () => {
      if (!shows()) return
      engine.off('tick', look)
      resolve(performance.now())
    }
    engine.on('tick', look)
  })
  try {
    await Promise.all([mixer.start(), receiver.start()])
    await eventually('both are live, and the clocks are compared', () => figures().latencyMs !== null && mixer.state.sources.white.state === 'live', 20)
    await pause(3000)
    const apart = []
    for (let cut = 0; cut < CUTS; cut++) {
      const [name, isIt] = cut % 2 ? ['black', (luma) => luma < 128] : ['white', (luma) => luma > 128]
      const shown = seen(receiver, () => isIt(middle(receiver.sourceNamed('link').picture)))
      const made = seen(mixer, () => mixer.buses.programme === name)
      mixer.buses.cutTo(name)
      const took = await shown - await made
      const { latencyMs, latencyErrorMs } = figures()
      t.diagnostic(`a cut took ${took.toFixed(1)} ms, told are ${latencyMs} ms ± ${latencyErrorMs}`)
      apart.push(Math.abs(took - latencyMs))
      assert.ok(latencyErrorMs < 20, `${latencyErrorMs}`)
      await pause(500)
    }
    // What is told is the middle of many pictures; one cut may come while the processors are somebody else's.
    assert.ok(apart.sort((one, other) => one - other)[CUTS >> 1] <= 1.5 * FRAME_MS, `${apart} ms apart`)
    const { received: { lostPackets, senders } } = figures()
    assert.deepEqual({ lostPackets, senders }, { lostPackets: 0, senders: 1 })
    way.isLossy = true
    await eventually('what never came is counted', () => figures().received.lostPackets > 0, 10)
    way.isLossy = false
    assert.ok(way.dropped > 0)
    process.kill(figures().received.pid, 'SIGKILL')
    await eventually('a new call is counted, and measured again', () => figures().received.senders >= 2 && figures().latencyMs !== null, 15)
  } finally {
    await Promise.all([mixer.stop(), receiver.stop()])
    await way.close()
    fs.rmSync(folder, { recursive: true })
  }
})
