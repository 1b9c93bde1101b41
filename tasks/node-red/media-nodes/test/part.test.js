'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { readFormat, readPart } = require('../lib/part')
const { PASSPHRASE, format, encoder, fileOut, linkIn, linkOut, mixer, source } = require('../test-support/parts')

const faultsOf = (part) => part.faults.map(({ message }) => message)

test('values that the editor stored as text are numbers', () => {
  assert.equal(encoder({ bitRate: '4000000' }).bitRate, 4000000)
})

test('a wrong value is named with what would be right', () => {
  assert.deepEqual(faultsOf(encoder({ bitRate: -1 })), ['encoder: bitRate must be a whole number from 100000 to 100000000 bit/s, not -1'])
  assert.deepEqual(faultsOf(mixer({ fader: '' })), ['mixer: fader must be a number from 0 to 1, not ""'])
  assert.match(faultsOf(encoder({ preset: 'placebo' }))[0], /must be one of ultrafast/)
})

test('a file name cannot lead out of the media folder', () => {
  for (const fileName of ['../x.mp4', '/etc/x.mp4', 'a/b.mp4', '.mp4', 'x.mp4\0', 'x.exe']) {
    assert.equal(fileOut({ fileName }).faults.length, 1, fileName)
  }
})

test('renditions are a list of sizes and bit rates', () => {
  const faults = (renditions) => faultsOf(encoder({ renditions }))
  assert.deepEqual(faults([{ height: 360, bitRate: 1_000_000 }, { width: 320, height: 180, bitRate: 300_000 }]), [])
  assert.match(faults([{ height: 360 }])[0], /has a rendition whose bitRate: must be/)
  assert.match(faults([{ height: 361, bitRate: 1_000_000 }])[0], /has a rendition whose height: must be/)
  assert.match(faults(Array(3).fill({ height: 360, bitRate: 1_000_000 }))[0], /a list of at most 2 renditions/)
})

test('a location is an absolute path or an http(s) URL, as the kind says', () => {
  assert.deepEqual(faultsOf(source('s', { kind: 'file', location: '/data/clip.mp4' })), [])
  assert.deepEqual(faultsOf(source('s', { kind: 'url', location: 'https://example.com/a.mp4?x=1' })), [])
  assert.match(faultsOf(source('s', { kind: 'file', location: 'concat:/a|/b' }))[0], /absolute path/)
  assert.match(faultsOf(source('s', { kind: 'url', location: 'file:///etc/passwd' }))[0], /http:\/\/ or https:\/\//)
})

test('an address cannot carry options into the URL', () => {
  for (const address of ['127.0.0.1?mode=listener', '-f', '', 'a b']) assert.equal(linkIn({ address }).faults.length, 1, address)
})

test('a fade out of range is named', () => {
  const part = mixer({ fades: [{ atSeconds: 1, fader: 2, seconds: 1 }] })
  assert.match(faultsOf(part)[0], /fades has a fade whose fader: must be a number from 0 to 1/)
  assert.deepEqual(faultsOf(mixer({ fades: [{ atSeconds: 1, fader: 0, seconds: 1 }] })), [])
})

test('a link needs a passphrase of 10 to 79 characters, and no message repeats it', () => {
  const config = { id: 'l', type: 'media-link-out', name: 'link', port: 1, latencyMs: 120, bitRate: 1000000, wires: [] }
  assert.deepEqual(faultsOf(readPart(config)), ['link: the passphrase must be 10 to 79 plain characters'])
  assert.deepEqual(faultsOf(readPart(config, { passphrase: 'short' })), ['link: the passphrase must be 10 to 79 plain characters'])
  assert.equal(linkOut().passphrase, PASSPHRASE)
})

test('a session description is checked, and no message repeats it', () => {
  const rtp = (sdp) => faultsOf(live({ kind: 'rtp', sdp }))
  const sdp = 'v=0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n'
  assert.deepEqual([rtp(undefined), rtp(''), rtp(sdp)], [[], [], []])
  assert.match(rtp(sdp.replace('H264', 'raw'))[0], /camera: DescriptionRefused: its video is raw/)
  assert.equal(rtp('a=crypto:1 secret')[0], 'camera: sdp must be an SDP with m=video, of at most 4000 characters')
})

const SECRETS = { format, passphrase: PASSPHRASE, streamKey: 'a-stream-key-1' }
const live = (more, secrets = SECRETS) => readPart({ id: 's', type: 'media-source', name: 'camera', ...more }, secrets)

test('a property that nobody set is what it is at first', () => {
  const { kind, bus, crop, soundTrack, holdMs, faults } = live({})
  assert.deepEqual({ kind, bus, crop, soundTrack, holdMs, faults }, { kind: 'pattern', bus: 1, crop: false, soundTrack: 1, holdMs: 2000, faults: [] })
})

test('a live source has what its kind needs, and of the others nothing is asked', () => {
  assert.deepEqual(faultsOf(live({ kind: 'srt' })), [])
  assert.deepEqual(faultsOf(live({ kind: 'rtmp', address: '?', latencyMs: -1 })), [])
  assert.deepEqual(faultsOf(live({ kind: 's3', location: 's3://bucket/a.mp4' })), [])
  assert.deepEqual(faultsOf(live({ kind: 's3', location: 'https://bucket/a.mp4' })), ['camera: location must be s3://bucket/key, not "https://bucket/a.mp4"'])
  assert.match(faultsOf(live({ kind: 'srt', mode: 'caller', address: 'host?x=1' }))[0], /address must be an IPv4 address or host name/)
  assert.match(faultsOf(live({ kind: 'srt', latencyMs: 1 }))[0], /latencyMs must be a whole number from 20 to 8000 ms/)
  assert.match(faultsOf(live({ kind: 'rtp', crop: 'yes' }))[0], /crop must be true or false/)
})

test('nobody sends to a listener without its secret, and no message repeats one', () => {
  assert.deepEqual(faultsOf(live({ kind: 'srt' }, { format })), ['camera: the passphrase must be 10 to 79 plain characters'])
  assert.deepEqual(faultsOf(live({ kind: 'rtmp' }, { format, passphrase: PASSPHRASE })), ['camera: the stream key must be 10 to 79 letters, digits, _ and -'])
  assert.deepEqual(faultsOf(live({ kind: 'rtmp' }, { format, streamKey: 'key with blanks' })), ['camera: the stream key must be 10 to 79 letters, digits, _ and -'])
  const call = { kind: 'srt', mode: 'caller', address: '192.0.2.7' }
  assert.deepEqual(faultsOf(live(call, { format })), [], 'a far end may be open')
  assert.equal(live(call).passphrase, PASSPHRASE)
})

test('a missing format and a wrong one are named', () => {
  const config = { id: 's', type: 'media-source', bus: 1, kind: 'pattern', pattern: 'smpte-bars', colour: '#000000', location: '' }
  assert.deepEqual(faultsOf(readPart(config)), ['media-source: choose a media-format for it'])
  const odd = readFormat({ type: 'media-format', name: 'odd', width: 1281, height: 720, frameRate: 25 })
  assert.deepEqual(faultsOf(readPart(config, { format: odd })), ['odd: width must be an even number from 160 to 3840 pixels, not 1281'])
  assert.deepEqual(readPart(config, { format }).format, { width: 1280, height: 720, frameRate: 25, slate: undefined })
})

test('a destination that waits for receivers is never without a passphrase; one that calls may be', () => {
  const destination = (more, beside) => readPart({ id: 'd', type: 'media-destination', kind: 'srt', number: 1, port: 9740, latencyMs: 120, wires: [], ...more }, beside)
  const open = destination({ mode: 'listener' })
  assert.match(open.faults[0].message, /the passphrase must be 10 to 79/)
  const closed = destination({ mode: 'listener' }, { passphrase: 'a passphrase of ours' })
  assert.deepEqual([closed.faults, closed.passphrase], [[], 'a passphrase of ours'])
  assert.deepEqual(destination({ mode: 'caller', address: '192.0.2.1' }).faults, [])
})
