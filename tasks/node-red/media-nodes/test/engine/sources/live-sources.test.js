'use strict'

const assert = require('node:assert/strict')
const dgram = require('node:dgram')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { MediaServer } = require('../../../engine/sources/fetching/media-server')
const { RtmpServer } = require('../../../engine/sources/rtmp/rtmp-server')
const { realTime } = require('../../../test-support/measuring/conformed')
const { eventually } = require('../../../test-support/eventually')
const { TONE_DB, freeUdpPort, level, live, withSourceOnAir } = require('../../../test-support/live-source')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { sendFile, webServer } = require('../../../test-support/web-server')

const ffmpegPath = realFfmpeg()
const PRODUCTION = { width: 128, height: 72, frameRate: 25 }
const HOST = '127.0.0.1'
const SECRET = "it's a 100% secret: word"
const STREAM_KEY = 'a-key-of-the-stream'

let rtmpServer
before(async () => {
  rtmpServer = new RtmpServer(realTime)
  await rtmpServer.listen(0, HOST)
})
after(() => rtmpServer.close())

/** The kinds of live sources: a definition, and what an FFmpeg that sends to it is given. */
const KINDS = {
  async srt () {
    const port = await freeUdpPort(HOST)
    const to = `srt://${HOST}:${port}?mode=caller&latency=50000&connect_timeout=3000&passphrase=${encodeURIComponent(SECRET)}`
    return { source: { kind: 'srt', mode: 'listener', address: HOST, port, latencyMs: 50, passphrase: SECRET }, args: ['-f', 'mpegts', to] }
  },
  async rtp () {
    const port = await freeUdpPort(HOST)
    return { source: { kind: 'rtp', address: HOST, port }, args: ['-f', 'rtp_mpegts', `rtp://${HOST}:${port}?pkt_size=1328`] }
  },
  async udp () {
    const port = await freeUdpPort(HOST)
    return { source: { kind: 'rtp', address: HOST, port }, args: ['-f', 'mpegts', `udp://${HOST}:${port}?pkt_size=1316`] }
  },
  async rtmp () {
    const app = `live-${Math.random().toString(36).slice(2)}`
    return { source: { kind: 'rtmp', app, streamKey: STREAM_KEY }, args: ['-f', 'flv', `rtmp://${HOST}:${rtmpServer.port}/${app}/${STREAM_KEY}`] }
  }
}

const withSource = (source, use, more = {}) => withSourceOnAir(ffmpegPath, source, PRODUCTION, { rtmpServer, ...more }, use)

for (const [name, make] of Object.entries(KINDS)) {
  describe(name, { concurrency: 3 }, () => {
    it('plays pictures and sound without a gap, and comes back with another size and rate after -9', async (t) => {
      const { source, args } = await make()
      await withSource(source, async (air, send) => {
        const first = send({ args })
        await live(air, 0)
        await pause(1500)
        const settled = air.ticks.length
        const before = air.source.figures
        await pause(1000)
        const seen = air.ticks.slice(settled)
        assert.ok(seen.every(({ state }) => state === 'live' || state === 'hold'), 'live')
        assert.ok(Math.abs(level(seen) - TONE_DB) < 0.5, `the tone's level: ${level(seen)} dB, ${TONE_DB} were sent`)
        const now = air.source.figures
        for (const count of ['repeatedFrames', 'skippedFrames']) assert.ok(now[count] - before[count] <= 3, `${count}: ${now[count] - before[count]} in a second`)
        assert.equal(air.source.figures.received.senders, 1)
        await first.end('SIGKILL')
        const again = performance.now()
        send({ args, size: '160x120', rate: 30 })
        await eventually('another sender', () => air.source.figures.received.senders === 2, 4)
        await eventually('arrives', () => air.source.figures.ingest === 'arriving', 3)
        const took = await live(air, again)
        assert.ok(took < 3000, `back after ${Math.round(took)} ms, some of them its own start`)
        t.diagnostic(`back ${Math.round(took)} ms after its sender was started again, at once`)
      })
    })

    it('is lost while its sender is stopped, and back when it goes on or calls again', async (t) => {
      const { source, args } = await make()
      await withSource({ ...source, onLoss: { holdMs: 300 } }, async (air, send) => {
        const sender = send({ args })
        await live(air, 0)
        sender.process.kill('SIGSTOP')
        await eventually('black', () => air.state === 'black', 3)
        await eventually('slate', () => air.state === 'slate', 3)
        await pause(1000)
        const again = performance.now()
        sender.process.kill('SIGCONT')
        // A call that was given up stays so: an encoder calls again.
        if (name === 'srt') {
          await sender.end()
          send({ args })
        }
        const took = await live(air, again)
        assert.ok(took < 2500, `back after ${Math.round(took)} ms`)
        t.diagnostic(`back ${Math.round(took)} ms after its sender went on`)
      })
    })

    it('its decoder killed, and stopped: another takes over, and its sender stays', async (t) => {
      const { source, args } = await make()
      await withSource(source, async (air, send) => {
        const sender = send({ args })
        await live(air, 0)
        await pause(300)
        for (const signal of ['SIGKILL', 'SIGSTOP']) {
          const { pid } = air.source.figures
          const again = performance.now()
          process.kill(pid, signal)
          await eventually('another', () => air.source.figures.pid !== pid && air.source.figures.pid !== null, 3)
          await eventually('arriving', () => air.source.figures.ingest === 'arriving', 3)
          const took = performance.now() - again
          assert.ok(took < 2500, `back after ${took} ms`)
          t.diagnostic(`back ${Math.round(took)} ms after ${signal}`)
        }
        assert.equal(sender.process.exitCode, null)
        assert.equal(air.source.figures.received.senders, 1)
      })
    })
  })
}

describe('srt', { concurrency: 2 }, () => {
  it('at 50 pictures a second, with the sound of 0.35 s written at once, pictures follow each other and none is left out', async () => {
    const { source, args } = await KINDS.srt()
    await withSourceOnAir(ffmpegPath, source, { ...PRODUCTION, frameRate: 50 }, { rtmpServer }, async (air, send) => {
      send({ args: ['-ac', '1', ...args], rate: 50 })
      await live(air, 0)
      await pause(1500)
      const { absentFrames, skippedFrames } = air.source.figures
      const settled = air.ticks.length
      await eventually('two seconds', () => air.ticks.length >= settled + 100, 4)
      assert.ok(air.source.figures.absentFrames - absentFrames <= 10, `${air.source.figures.absentFrames - absentFrames} of 100 absent`)
      assert.ok(air.source.figures.skippedFrames - skippedFrames <= 10, `${air.source.figures.skippedFrames - skippedFrames} left out`)
    })
  })

  it('a wrong passphrase is refused, and no command line has the right one', async () => {
    const { source, args } = await KINDS.srt()
    await withSource(source, async (air, send) => {
      await eventually('listens', () => air.source.figures.received.pid !== null)
      const { pid } = air.source.figures.received
      assert.ok(!fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('secret'))
      const wrong = send({ args: [...args.slice(0, -1), args.at(-1).replace(/passphrase=.*/, 'passphrase=another-secret')] })
      await wrong.ended
      assert.notEqual(wrong.process.exitCode, 0)
      assert.equal(air.source.figures.received.senders, 0)
      send({ args })
      await live(air, 0)
    })
  })

  it('as a caller: the far end comes late', async () => {
    const port = await freeUdpPort(HOST)
    await withSource({ kind: 'srt', mode: 'caller', address: HOST, port, latencyMs: 50, streamId: 'camera 1' }, async (air, send) => {
      await eventually('a call was not answered', () => air.source.figures.reason === 'SourceUnreachable', 5)
      const from = performance.now()
      send({ args: ['-f', 'mpegts', `srt://${HOST}:${port}?mode=listener&latency=50000`] })
      assert.ok(await live(air, from) < 4000)
      assert.equal(air.troubles.length, 1, air.troubles)
    })
  })
})

describe('rtp', { concurrency: 2 }, () => {
  it('the port is taken: that is said, and it plays when the port is free', async () => {
    const { source, args } = await KINDS.rtp()
    const other = dgram.createSocket('udp4').bind(source.port, HOST)
    await once(other, 'listening')
    await withSource(source, async (air, send) => {
      await eventually('that is said', () => air.source.figures.reason === 'SourceUnreachable', 2)
      other.close()
      send({ args })
      await live(air, 0)
    })
  })
})

describe('url', { concurrency: 2 }, () => {
  it('live HLS plays on, with its sound', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hls-'))
    const web = await webServer((request, response) => {
      const file = path.join(folder, path.basename(request.url))
      return fs.existsSync(file) ? sendFile(request, response, file) : response.writeHead(404).end()
    })
    const mediaServer = new MediaServer({ addresses: { allowsLoopback: true } })
    await mediaServer.listen()
    try {
      await withSource({ kind: 'url', location: `${web.address}/live.m3u8` }, async (air, send) => {
        send({ args: ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '4', '-hls_flags', 'delete_segments+temp_file', path.join(folder, 'live.m3u8')] })
        await eventually('the playlist is missing', () => air.source.figures.reason === 'SourceMissing', 3)
        await live(air, 0, 10)
        // It begins with the few segments there are; then there are four.
        await pause(6000)
        const settled = air.ticks.slice(-75)
        assert.ok(settled.filter(({ state }) => state === 'live').length >= 70, settled.map(({ state }) => state[0]).join(''))
        assert.ok(Math.abs(level(settled) - TONE_DB) < 1, `${level(settled)} dB`)
      }, { mediaServer })
    } finally {
      await Promise.all([web.close(), mediaServer.close()])
      fs.rmSync(folder, { recursive: true })
    }
  })
})

describe('rtmp', { concurrency: 2 }, () => {
  it('a wrong key, no key and another app are refused before anything is read', async () => {
    const { source, args } = await KINDS.rtmp()
    await withSource(source, async (air, send) => {
      const base = args.at(-1).slice(0, -STREAM_KEY.length)
      for (const address of [`${base}another-key`, base, `rtmp://${HOST}:${rtmpServer.port}/other/${STREAM_KEY}`]) {
        const { refused } = rtmpServer
        const sender = send({ args: ['-f', 'flv', address] })
        await sender.ended
        assert.notEqual(sender.process.exitCode, 0)
        assert.match(sender.errors, /wrong/)
        // Those of the test beside this one count too.
        assert.ok(rtmpServer.refused > refused)
      }
      assert.equal(air.source.figures.received.bytes, 0)
      send({ args })
      await live(air, 0)
    })
  })

  it('a second publisher is refused, and the first one plays on', async () => {
    const { source, args } = await KINDS.rtmp()
    await withSource(source, async (air, send) => {
      send({ args })
      await live(air, 0)
      const second = send({ args })
      await second.ended
      assert.match(second.errors, /Another sender publishes/)
      assert.equal(air.state, 'live')
      assert.equal(air.source.figures.received.senders, 1)
      assert.equal(air.source.figures.reason, 'SenderRefused')
    })
  })

  it('HEVC', async () => {
    const { source, args } = await KINDS.rtmp()
    await withSource(source, async (air, send) => {
      send({ args, codec: ['-c:v', 'libx265', '-preset', 'ultrafast', '-tune', 'zerolatency', '-x265-params', 'log-level=none:keyint=12'] })
      await live(air, 0)
    })
  })
})
