'use strict'

/** RTP streams that are no MPEG-TS: what a description may be, and real senders of it at the source's one port. */

const assert = require('node:assert/strict')
const dgram = require('node:dgram')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { describe, it, test } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { ingestArguments } = require('../../../engine/sources/ingest/ingest-arguments')
const { picturesOf } = require('../../../engine/sources/ingest/ingest-log')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { LossCount, readPacket, reporterOf } = require('../../../engine/sources/rtp/packet')
const { RtpRelay } = require('../../../engine/sources/rtp/rtp-relay')
const { readDescription, writeDescription } = require('../../../engine/sources/rtp/session-description')
const { eventually } = require('../../../test-support/eventually')
const { TONE_DB, freeUdpPort, level, live, withSourceOnAir } = require('../../../test-support/live-source')
const { realTime } = require('../../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const PRODUCTION = { width: 128, height: 72, frameRate: 25 }
const HOST = '127.0.0.1'
const HEAD = 'v=0\no=- 0 0 IN IP4 198.51.100.9\ns=camera\nc=IN IP4 198.51.100.9\nt=0 0\n'
const H264 = 'm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1\n'
const HEVC = 'm=video 5004 RTP/AVP 96\na=rtpmap:96 H265/90000\n'
const OPUS = 'm=audio 5006 RTP/AVP 97\na=rtpmap:97 opus/48000/2\n'
const L16 = 'm=audio 5006 RTP/AVP 97\na=rtpmap:97 L16/48000/2\n'
const AAC = 'm=audio 5006 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/48000/2\na=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190\n'

test('of a description its streams are taken, and nothing else of it', () => {
  const media = readDescription(`${HEAD}${H264}a=control:rtsp://198.51.100.9/one\na=rtcp:9\nb=AS:9000\r\n${AAC}m=application 9 RTP/AVP 98\n`)
  assert.deepEqual(writeDescription(media, HOST, [20000, 20002]).split('\r\n'), [
    'v=0', `o=- 0 0 IN IP4 ${HOST}`, 's=-', `c=IN IP4 ${HOST}`, 't=0 0', 'm=video 20000 RTP/AVP 96', ...H264.trim().split('\n').slice(1),
    'm=audio 20002 RTP/AVP 97', ...AAC.trim().split('\n').slice(1), ''
  ])
  assert.deepEqual(readDescription(`${HEAD}${H264}m=audio 5006 RTP/AVP 0\n`)[1], { kind: 'audio', payloadType: 0, lines: [] }, 'PCMU by its number')
})

for (const [what, sdp, expected] of [
  ['sound alone', OPUS, /no m=video/],
  ['an encrypted stream', H264.replace('RTP/AVP', 'RTP/SAVP'), /RTP\/SAVP.*not encrypted/],
  ['raw video', 'm=video 5004 RTP/AVP 96\na=rtpmap:96 raw/90000\n', /its video is raw. Send one of H264/],
  ['a transport stream', 'm=video 5004 RTP/AVP 33\n', /Leave the SDP out/],
  ['an encoding that is not said', 'm=video 5004 RTP/AVP 96\n', /payload type 96 without a=rtpmap/],
  ['two videos', H264 + H264.replaceAll('96', '98'), /several streams of one kind/],
  ['one payload type for both', H264 + OPUS.replaceAll('97', '96'), /one payload type/],
  ['a video that is not sent', H264.replace('5004', '0'), /no m=video/]
]) {
  test(`${what} is refused, with what to do`, () => assert.throws(() => readDescription(HEAD + sdp), { name: 'DescriptionRefused', message: expected }))
}

test('lost packets are counted, late ones not; a report is told from a packet', () => {
  const loss = new LossCount()
  for (const sequence of [65534, 65535, 2, 1, 3]) loss.add(sequence)
  assert.equal(loss.lost, 1)
  const packet = Buffer.from([0x80, 0xe0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2])
  assert.deepEqual({ ...readPacket(packet), payload: [1, 2] }, { payload: [1, 2], payloadType: 96, ssrc: 9, sequence: 7 })
  assert.equal(reporterOf(packet), null)
  assert.equal(reporterOf(Buffer.from([0x80, 200, 0, 6, 0, 0, 0, 9])), 9)
  for (const bytes of [[], [0x80], [0x40, 0xe0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9], [0x90, 0xe0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9]]) assert.equal(readPacket(Buffer.from(bytes)), null)
})

test('packets wait in order for a decoder that is not there yet, and its description is nobody else\'s to read', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'relay-'))
  const file = path.join(folder, 'one.sdp')
  const relay = new RtpRelay(readDescription(HEAD + H264), file, realTime)
  const port = Number(/m=video (\d+)/.exec(fs.readFileSync(file, 'utf8'))[1])
  const decoder = dgram.createSocket('udp4')
  try {
    assert.equal(fs.statSync(file).mode & 0o777, 0o600)
    const packetOf = (sequence) => { const packet = Buffer.alloc(1200, 0x80); packet[1] = 96; packet.writeUInt16BE(sequence, 2); return packet }
    for (let sequence = 0; sequence < 200; sequence++) relay.write(packetOf(sequence))
    // A process that is late sees the time go by before the answer.
    for (let times = 0; times < 10; times++) {
      const until = performance.now() + 15
      while (performance.now() < until);
      await pause(1)
    }
    const heard = []
    decoder.on('message', (packet) => heard.push(packet.readUInt16BE(2)))
    await new Promise((resolve) => decoder.bind(port, HOST, resolve))
    await eventually('all 200', () => heard.length === 200)
    relay.write(packetOf(200))
    await eventually('the next one', () => heard.length === 201)
    assert.deepEqual(heard, Array.from({ length: 201 }, (_, sequence) => sequence))
  } finally {
    decoder.close()
    relay.close()
    assert.deepEqual(fs.readdirSync(folder), [])
    fs.rmSync(folder, { recursive: true })
  }
})

test('FFmpeg may open nothing but the description and RTP on loopback', () => {
  const format = new PictureFormat(PRODUCTION)
  const place = { format, description: '/x/one.sdp', socket: '/x/one.sock' }
  const args = ingestArguments({ kind: 'rtp', sdp: HEAD + H264 }, place, { video: picturesOf(format), audio: null })
  const after = (name) => args[args.indexOf(name) + 1]
  assert.deepEqual(['-protocol_whitelist', '-localaddr', '-i'].map(after), ['file,rtp,udp', HOST, '/x/one.sdp'])
  assert.ok(!args.join(' ').includes('198.51.100.9'))
})

const VIDEO = { h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '12', '-bsf:v', 'dump_extra=freq=keyframe'], hevc: ['-c:v', 'libx265', '-preset', 'ultrafast', '-tune', 'zerolatency', '-x265-params', 'log-level=error:keyint=12:repeat-headers=1'] }
const AUDIO = { opus: ['-c:a', 'libopus'], l16: ['-c:a', 'pcm_s16be', '-ar', '48000'], aac: ['-c:a', 'aac', '-ar', '48000'] }

describe('real senders, all to the source\'s one port', { concurrency: 3 }, () => {
  for (const [name, sdp, codec, sound] of [['H.264 and AAC', H264 + AAC, VIDEO.h264, AUDIO.aac], ['HEVC and Opus', HEVC + OPUS, VIDEO.hevc, AUDIO.opus], ['H.264 and L16', H264 + L16, VIDEO.h264, AUDIO.l16]]) {
    it(`${name}: pictures and sound, and again after another sender came`, async () => {
      const port = await freeUdpPort(HOST)
      const to = `rtp://${HOST}:${port}?rtcpport=${port}&pkt_size=1200`
      const args = ['-map', '0:v', '-f', 'rtp', to, '-map', '1:a', ...sound, '-ac', '2', '-payload_type', '97', '-f', 'rtp', to]
      await withSourceOnAir(ffmpegPath, { kind: 'rtp', address: HOST, port, sdp: HEAD + sdp }, PRODUCTION, {}, async (air, send) => {
        const first = send({ codec, args })
        await live(air, 0, 12)
        await pause(2000)
        const settled = air.ticks.length
        await pause(1000)
        const seen = air.ticks.slice(settled)
        assert.ok(seen.every(({ state }) => state === 'live' || state === 'hold'), 'live')
        assert.ok(Math.abs(level(seen) - TONE_DB) < 0.7, `the tone's level: ${level(seen)} dB, ${TONE_DB} were sent`)
        const { senders, lostPackets, strangePackets } = air.source.figures.received
        assert.deepEqual({ senders, lostPackets, strangePackets }, { senders: 1, lostPackets: 0, strangePackets: 0 })
        await first.end('SIGKILL')
        await eventually('it is gone', () => air.source.figures.reason === 'SenderGone', 4)
        send({ codec, args })
        await live(air, 0, 12)
        assert.equal(air.source.figures.received.senders, 2)
      })
    })
  }

  it('pictures come though the sound that is described does not, and the sound is heard once it comes', async () => {
    const port = await freeUdpPort(HOST)
    const to = `rtp://${HOST}:${port}?rtcpport=${port}&pkt_size=1200`
    await withSourceOnAir(ffmpegPath, { kind: 'rtp', address: HOST, port, sdp: HEAD + H264 + L16 }, PRODUCTION, {}, async (air, send) => {
      send({ codec: VIDEO.h264, args: ['-map', '0:v', '-f', 'rtp', to] })
      await live(air, 0, 12)
      assert.equal(level(air.ticks.slice(-10)), -Infinity)
      send({ args: ['-map', '1:a', ...AUDIO.l16, '-ac', '2', '-payload_type', '97', '-f', 'rtp', to] })
      await eventually('it is heard', () => Math.abs(level(air.ticks.slice(-10)) - TONE_DB) < 1, 8)
      await live(air, 0, 8)
      assert.equal(air.source.figures.received.senders, 1)
    })
  })

  it('H.264 alone; what is no packet of the description\'s is strange', async () => {
    const port = await freeUdpPort(HOST)
    await withSourceOnAir(ffmpegPath, { kind: 'rtp', address: HOST, port, sdp: HEAD + H264 }, PRODUCTION, {}, async (air, send) => {
      send({ codec: VIDEO.h264, args: ['-map', '0:v', '-f', 'rtp', `rtp://${HOST}:${port}?rtcpport=${port}`] })
      await live(air, 0, 12)
      const other = dgram.createSocket('udp4')
      for (const bytes of [[1, 2, 3], [0x80, 99, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9]]) other.send(Buffer.from(bytes), port, HOST)
      await eventually('both are counted', () => air.source.figures.received.strangePackets === 2)
      other.close()
      assert.equal(air.state, 'live')
    })
  })
})
