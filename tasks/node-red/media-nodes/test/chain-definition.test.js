'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { defineChain } = require('../lib/chain-definition')
const { findChains } = require('../lib/graph')
const { readPart } = require('../lib/part')
const { PASSPHRASE, encode, encoder, fileOut, format, hlsOut, linkIn, linkOut, mixer, source } = require('../test-support/parts')

const PLACE = { host: '127.0.0.2', mediaDir: '/data/media' }
const STREAM_KEY = 'a-stream-key-1'

const SDP = 'v=0\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n'

const definitionOf = (parts) => defineChain(findChains(parts)[0], PLACE)
/** A mixer's sources as the engine gets them, each on the bus of its place. */
function sourcesOf (...configs) {
  const parts = configs.map((config, index) => readPart(
    { id: `s${index}`, name: `source ${index + 1}`, type: 'media-source', bus: index + 1, wires: [['mixer']], ...config },
    { format, passphrase: PASSPHRASE, streamKey: STREAM_KEY }
  ))
  return definitionOf([...parts, mixer(), linkOut()]).sources
}

test('live sources have what the engine needs to receive them', () => {
  const common = { crop: false, soundTrack: 0, onLoss: { holdMs: 2000 } }
  assert.deepEqual(sourcesOf(
    { kind: 'srt', port: 9720 },
    { kind: 'srt', mode: 'caller', address: '192.0.2.7', port: 9000, latencyMs: 300, streamId: 'read:1' },
    { kind: 'rtmp', port: 1935 },
    { kind: 'rtp', port: 9733, crop: true, soundTrack: 2, holdMs: 0, detect: ['black'], failoverTo: 1 },
    { kind: 's3', location: 's3://bucket/key.mp4' },
    { kind: 's3', location: 's3://bucket/key.mp4', versionId: 'v.2' },
    { kind: 'rtp', port: 9736, sdp: SDP }
  ), [
    { name: 'source 1', number: 1, kind: 'srt', mode: 'listener', address: '127.0.0.2', port: 9720, latencyMs: 120, passphrase: PASSPHRASE, ...common },
    { name: 'source 2', number: 2, kind: 'srt', mode: 'caller', address: '192.0.2.7', streamId: 'read:1', port: 9000, latencyMs: 300, passphrase: PASSPHRASE, ...common },
    { name: 'source 3', number: 3, kind: 'rtmp', address: '127.0.0.2', port: 1935, app: 'live', streamKey: STREAM_KEY, ...common },
    { name: 'source 4', number: 4, kind: 'rtp', address: '127.0.0.2', port: 9733, crop: true, soundTrack: 1, onLoss: { holdMs: 0, detect: ['black'], failoverTo: 1 } },
    { name: 'source 5', number: 5, kind: 's3', location: 's3://bucket/key.mp4', looped: true, ...common },
    { name: 'source 6', number: 6, kind: 's3', location: 's3://bucket/key.mp4?versionId=v.2', looped: true, ...common },
    { name: 'source 7', number: 7, kind: 'rtp', address: '127.0.0.2', port: 9736, sdp: SDP, ...common }
  ])
})

test('a source that goes changes nothing of the others', () => {
  const three = [source('a'), source('b', { bus: 2 }), source('c', { bus: 3 })]
  const all = definitionOf([...three, mixer(), linkOut()]).sources
  const without = definitionOf([three[0], three[2], mixer(), linkOut()]).sources
  assert.deepEqual(without, [all[0], all[2]])
})

test('an encoder has its codec and the bit rate of its sound', () => {
  const [programme] = definitionOf([linkIn(), encoder({ codec: 'hevc', soundBitRate: 96000 }), hlsOut(), fileOut()]).encoders
  assert.deepEqual([programme.codec, programme.sound], ['hevc', { bitRate: 96000 }])
  assert.deepEqual(definitionOf(encode()).encoders[0].sound, { bitRate: 192000 })
})

test('renditions have HLS of their own, and nothing else; without them nothing changes', () => {
  const chain = (more, page = {}) => definitionOf([linkIn(), encoder(more), hlsOut({ publish: 's3://web/live/ab12cd34', ...page }), fileOut()]).encoders[0]
  const { renditions, outputs } = chain({ codec: 'hevc', renditions: [{ height: 360, bitRate: 1_000_000 }, { width: 320, height: 240, bitRate: 300_000 }] })
  assert.deepEqual(renditions.map(({ outputs, ...rest }) => rest), [
    { width: 640, height: 360, codec: 'h264', bitRate: 1_000_000 }, { width: 320, height: 240, codec: 'h264', bitRate: 300_000 }
  ])
  const web = (number, name, folder) => [
    { name, kind: 'hls', folder, segmentSeconds: 2, rendition: number, renditions: 3, ladder: '/data/media/hls/ladder' },
    { name: `${name} on the web`, kind: 'publish', folder: '/data/media/publish', rendition: number, renditions: 3, location: 's3://web/live/ab12cd34', segmentSeconds: 2 }
  ]
  assert.deepEqual(renditions.map((one) => one.outputs), [2, 3].map((number) => web(number, `hls-out rendition ${number}`, `/data/media/hls/${number}`)))
  assert.deepEqual(outputs.slice(0, 2), web(1, 'hls-out', '/data/media/hls'))
  assert.deepEqual(outputs.map(({ kind }) => kind), ['hls', 'publish', 'still', 'webrtc', 'recording'])
  const alone = chain({}, { publish: '' })
  assert.ok(!('renditions' in alone))
  assert.deepEqual(alone.outputs[0], { name: 'hls-out', kind: 'hls', folder: '/data/media/hls', segmentSeconds: 2 })
})
