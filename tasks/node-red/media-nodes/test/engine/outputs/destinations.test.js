'use strict'

const assert = require('node:assert/strict')
const { execFileSync, spawn } = require('node:child_process')
const dgram = require('node:dgram')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { afterEach, beforeEach, describe, it } = require('node:test')
const { EntryPoints } = require('../../../engine/outputs/transport-stream')
const { RtmpServer } = require('../../../engine/sources/rtmp/rtmp-server')
const { FLV_HEADER, flvTag } = require('../../../engine/sources/rtmp/flv')
const { eventually } = require('../../../test-support/eventually')
const { realTime } = require('../../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

const MAIN = path.join(__dirname, '../../../engine/outputs/destinations/main.js')
const ffmpegPath = realFfmpeg()
const [SECONDS, RATE] = [4, 25]
const [KEY, PASSPHRASE] = ['abcd-efgh_1234', 'a passphrase of theirs']

const programme = (() => {
  const stream = execFileSync(ffmpegPath, [
    '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${RATE},trim=end_frame=${SECONDS * RATE}`, '-f', 'lavfi', '-i', `sine=sample_rate=48000:duration=${SECONDS}`,
    '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-keyint_min', '25', '-sc_threshold', '0', '-c:a', 'aac', '-muxdelay', '0', '-f', 'mpegts', 'pipe:1'
  ], { maxBuffer: 64_000_000 })
  return new EntryPoints(1e9).feed(stream)
})()

let folder, cleanups
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'destination-'))
  cleanups = []
})
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
  fs.rmSync(folder, { recursive: true, force: true })
})

/** The process of a destination, to which the programme is sent as it would be on air: in real time, `pace` times as fast. */
function send (definition, { pace = 4, environment = {} } = {}) {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment, OUTPUT_DEFINITION: JSON.stringify({ name: 'there', ...definition, ffmpegPath }) }
  })
  const sending = { child, told: null, errors: '' }
  for (const pipe of [child.stdin, child.stdio[3]]) pipe.on('error', () => {})
  child.stdout.setEncoding('utf8').on('data', (lines) => { sending.told = JSON.parse(lines.trim().split('\n').at(-1)) })
  child.stderr.setEncoding('utf8').on('data', (text) => { sending.errors += text })
  const pieces = [...programme]
  const timer = setInterval(() => {
    if (pieces.length > 0) child.stdin.write(pieces.shift().bytes)
    else {
      clearInterval(timer)
      child.stdio[3].end('end')
      child.stdin.end()
    }
  }, 1000 * SECONDS / programme.length / pace)
  cleanups.push(async () => {
    clearInterval(timer)
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })
  return sending
}

async function ended ({ child }) {
  if (child.exitCode === null) await once(child, 'exit')
  return child.exitCode
}

function framesOf (file) {
  const told = execFileSync(ffmpegPath, ['-v', 'error', '-i', file, '-map', '0:v', '-f', 'framehash', 'pipe:1'], { encoding: 'utf8' })
  return told.split('\n').filter((line) => /^0,/.test(line)).length
}

/** Secrets Manager with one secret. */
async function secrets (value) {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ SecretString: value })))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() }))
  return { AWS_ENDPOINT_URL: `http://127.0.0.1:${server.address().port}`, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
}

/** The arguments of a process and of all that it has started. */
function commandLines (pid) {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).split('\n').map(Number).filter(Boolean)
  return [pid, ...children].map((one) => fs.readFileSync(`/proc/${one}/cmdline`, 'utf8')).join('\n')
}

async function freePort () {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** An RTMP server that keeps what is published with the key. */
async function rtmpServer () {
  const server = new RtmpServer(realTime)
  await server.listen(0, '127.0.0.1')
  const kept = { tags: [], begun: 0, gone: 0, port: server.port, close: () => server.close() }
  server.register({ app: 'live', key: KEY }, {
    begin: () => { kept.begun += 1 },
    message: (message) => kept.tags.push(flvTag(message)),
    gone: () => { kept.gone += 1 }
  })
  cleanups.push(() => server.close().catch(() => {}))
  return kept
}

describe('by RTMP', () => {
  it('FFmpeg\'s own server takes every frame', async () => {
    const [port, file] = [await freePort(), path.join(folder, 'taken.flv')]
    const server = spawn(ffmpegPath, ['-v', 'error', '-listen', '1', '-i', `rtmp://127.0.0.1:${port}/live/${KEY}`, '-c', 'copy', file], { stdio: 'ignore' })
    cleanups.push(() => { server.kill('SIGKILL') })
    await eventually('it listens', () => fs.readFileSync('/proc/net/tcp', 'utf8').includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`))
    const sending = send({ to: 'rtmp', url: `rtmp://127.0.0.1:${port}/live`, secret: 'organist/s/key' }, { environment: await secrets(KEY) })
    assert.equal(await ended(sending), 0, sending.errors)
    if (server.exitCode === null) await once(server, 'exit')
    assert.equal(framesOf(file), SECONDS * RATE)
  })

  it('the key is on no command line; what is sent is told', async () => {
    const server = await rtmpServer()
    const sending = send({ to: 'rtmp', url: `rtmp://127.0.0.1:${server.port}/live`, secret: 'organist/s/key' }, { pace: 1, environment: await secrets(KEY) })
    await eventually('something is sent', () => sending.told?.bytes > 0)
    assert.ok(sending.told.connectedSince)
    assert.ok(!commandLines(sending.child.pid).includes(KEY))
    assert.equal(await ended(sending), 0, sending.errors)
    const file = path.join(folder, 'taken.flv')
    fs.writeFileSync(file, Buffer.concat([FLV_HEADER, ...server.tags]))
    assert.equal(framesOf(file), SECONDS * RATE)
    assert.ok(!sending.errors.includes(KEY))
  })

  it('a wrong key is refused by name, and is not told', async () => {
    const server = await rtmpServer()
    const sending = send({ to: 'rtmp', url: `rtmp://127.0.0.1:${server.port}/live`, secret: 'organist/s/key' }, { environment: await secrets('another-key') })
    assert.equal(await ended(sending), 1)
    assert.match(sending.errors, /\[error\] DestinationRefused: rtmp:\/\/127\.0\.0\.1:\d+\/live refuses the stream \(NetStream\.Publish\.Denied.*stream key is right/)
    assert.ok(!sending.errors.includes('another-key'))
    assert.equal(server.begun, 0)
  })

  it('nobody there, nobody who answers, something that is no RTMP: each by name', async () => {
    const environment = await secrets(KEY)
    const told = async (port) => {
      const sending = send({ to: 'rtmp', url: `rtmp://127.0.0.1:${port}/live`, secret: 'organist/s/key' }, { environment })
      assert.equal(await ended(sending), 1)
      return sending.errors
    }
    const mute = net.createServer().listen(0, '127.0.0.1')
    const babbling = net.createServer((socket) => socket.on('error', () => {}).end(Buffer.alloc(5000, 0x41))).listen(0, '127.0.0.1')
    await Promise.all([once(mute, 'listening'), once(babbling, 'listening')])
    cleanups.push(() => { mute.close(); babbling.close() })
    const [none, silent, wrong] = await Promise.all([told(await freePort()), told(mute.address().port), told(babbling.address().port)])
    assert.match(none, /DestinationUnreachable: .*ECONNREFUSED/)
    assert.match(silent, /DestinationUnreachable: .*does not answer within 3.5 s/)
    assert.match(wrong, /DestinationRefused: /)
  })

  it('a server that dies in the middle ends the process, which is started again', async () => {
    const server = await rtmpServer()
    const sending = send({ to: 'rtmp', url: `rtmp://127.0.0.1:${server.port}/live`, secret: 'organist/s/key' }, { pace: 1, environment: await secrets(KEY) })
    await eventually('it has begun', () => server.tags.length > 10)
    await server.close()
    assert.equal(await ended(sending), 1)
    assert.match(sending.errors, /Destination(Refused|Unreachable): /)
  })
})

describe('by SRT', () => {
  for (const mode of ['caller', 'listener']) {
    it(`as a ${mode}, with a passphrase`, async () => {
      const [port, file] = [await freePort(), path.join(folder, 'taken.ts')]
      const theirs = mode === 'caller' ? 'listener' : 'caller'
      const call = () => spawn(ffmpegPath, ['-v', 'error', '-passphrase', PASSPHRASE, '-i', `srt://127.0.0.1:${port}?mode=${theirs}`, '-c', 'copy', '-y', file], { stdio: 'ignore' })
      const secret = mode === 'caller' ? { secret: 'organist/s/pass' } : { passphrase: PASSPHRASE }
      const begin = async () => send({ to: 'srt', mode, address: '127.0.0.1', port, latencyMs: 120, ...secret }, { pace: 1, environment: await secrets(PASSPHRASE) })
      const [first, second] = mode === 'caller' ? [call, begin] : [begin, call]
      const started = [await first()]
      await new Promise((resolve) => setTimeout(resolve, 300)) // a UDP port tells nobody that it is there
      started.push(await second())
      const receiver = started.find(({ pid }) => pid)
      const sending = started.find(({ child }) => child)
      cleanups.push(() => { receiver.kill('SIGKILL') })
      await eventually('something is sent', () => sending.told?.bytes > 0)
      await ended(sending)
      if (receiver.exitCode === null) await once(receiver, 'exit')
      assert.ok(framesOf(file) >= (SECONDS - 2) * RATE, `${framesOf(file)} frames`)
    })
  }
})

it('by RTP: seven packets of the transport stream in each (RFC 2250)', async () => {
  const receiver = dgram.createSocket('udp4')
  const packets = []
  receiver.on('message', (packet) => packets.push(packet)).bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  cleanups.push(() => { receiver.close() })
  const sending = send({ to: 'rtp', address: '127.0.0.1', port: receiver.address().port }, { pace: 1 })
  assert.equal(await ended(sending), 0, sending.errors)
  for (const packet of packets) {
    assert.deepEqual([packet[0] >> 6, packet[1] & 0x7f, (packet.length - 12) % 188], [2, 33, 0])
    assert.ok(packet.length <= 12 + 7 * 188)
  }
  const file = path.join(folder, 'taken.ts')
  fs.writeFileSync(file, Buffer.concat(packets.map((packet) => packet.subarray(12))))
  assert.equal(framesOf(file), SECONDS * RATE)
})
