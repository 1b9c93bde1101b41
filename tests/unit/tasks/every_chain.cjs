'use strict'

// Prints, as JSON, the arguments that the media nodes' engine gives FFmpeg for every kind of part that it knows.

const path = require('node:path')

const NODES = path.join(__dirname, '..', '..', '..', 'tasks', 'node-red', 'media-nodes')
const { encoderArguments } = require(path.join(NODES, 'engine', 'outputs', 'encoder-arguments'))
const { outputArguments } = require(path.join(NODES, 'engine', 'outputs', 'output-arguments'))
const { destinationArguments } = require(path.join(NODES, 'engine', 'outputs', 'destinations', 'kinds'))
const { fragmentArguments } = require(path.join(NODES, 'engine', 'outputs', 'packaging', 'fragment-arguments'))
const { PictureFormat } = require(path.join(NODES, 'engine', 'pictures', 'picture-format'))
const { ingestArguments } = require(path.join(NODES, 'engine', 'sources', 'ingest', 'ingest-arguments'))
const { picturesOf } = require(path.join(NODES, 'engine', 'sources', 'ingest', 'ingest-log'))
const { ownSlateArguments } = require(path.join(NODES, 'engine', 'sources', 'own-slate'))
const { slateArguments } = require(path.join(NODES, 'engine', 'sources', 'slate'))
const { ARGUMENTS: srtFeedArguments } = require(path.join(NODES, 'engine', 'sources', 'feeds', 'srt-feed'))
const { defineChain } = require(path.join(NODES, 'lib', 'chain-definition'))
const { findChains } = require(path.join(NODES, 'lib', 'graph'))
const values = require(path.join(NODES, 'resources', 'media-values'))
const parts = require(path.join(NODES, 'test-support', 'parts'))

const format = new PictureFormat({ width: 1280, height: 720, frameRate: 50 })
const place = { format, font: '/fonts/mono.woff', socket: '/run/source.sock', description: '/run/source.sdp', address: 'http://127.0.0.1:1/token/source', ffmpegPath: 'ffmpeg' }
// The rule itself says what it takes: "must be one of smpte-bars, pal-bars, …".
const patterns = values.fault('media-source', 'pattern', 'none', {}).split('one of ')[1].split(', ')
const sources = [
  ...patterns.map((pattern) => ({ kind: 'pattern', pattern, colour: '#204060' })),
  { kind: 'file', location: '/data/clip.mp4', looped: true },
  { kind: 'url', location: 'https://example.org/clip.mp4', looped: true },
  { kind: 's3', location: 's3://bucket/clip.mp4' },
  { kind: 'srt', mode: 'caller', address: '192.0.2.1', port: 9710, latencyMs: 120, passphrase: 'a passphrase' },
  { kind: 'rtp', address: '0.0.0.0', port: 9730 },
  { kind: 'rtp', address: '0.0.0.0', port: 9731, sdp: 'v=0' },
  { kind: 'rtmp', streamKey: 'key' },
  { kind: 'file', location: '/data/clip.mp4', crop: true }
].map((source) => ({ name: 'source', ...source }))
const video = { width: 720, height: 576, matrix: null, isInterlaced: false, isRgb: false, isHdr: false }
const found = [
  { video: picturesOf(format), audio: null },
  { video: picturesOf(format), audio: null, from: 5 },
  { video, audio: { isMono: true } },
  { video: { ...video, isInterlaced: true }, audio: null },
  { video: { ...video, isHdr: true, matrix: 'bt2020nc', transfer: 'smpte2084' }, audio: null }
]
const encoders = [parts.mix(), parts.encode()].flatMap((chain) => defineChain(findChains(chain)[0], { host: '0.0.0.0', mediaDir: '/tmp/media' }).encoders)
encoders.push({ ...encoders[1], codec: 'hevc', renditions: [{ width: 640, height: 360, codec: 'h264', bitRate: 1_000_000 }] })

process.stdout.write(JSON.stringify([
  ...sources.flatMap((source) => found.map((streams) => ingestArguments(source, place, streams))),
  srtFeedArguments,
  slateArguments({ name: 'source' }, place),
  ...['png_pipe', 'jpeg_pipe'].map((kind) => ownSlateArguments(kind, format)),
  ...encoders.map((encoder) => encoderArguments(encoder, format)),
  fragmentArguments({ codec: 'hevc', keepsTime: true, longestSeconds: 1 }),
  outputArguments({ kind: 'rtp', videoPort: 5000, audioPort: 5002 }),
  destinationArguments({ to: 'rtmp' }),
  destinationArguments({ to: 'srt', mode: 'caller', address: '192.0.2.1', port: 9000, latencyMs: 120, streamId: 'id' }, 'a passphrase'),
  destinationArguments({ to: 'rtp', address: '192.0.2.1', port: 9000 }),
  ...encoders.flatMap(({ outputs }) => outputs).filter(({ kind }) => kind === 'srt' || kind === 'still').map((output) => outputArguments({ streamId: 'id', codec: 'hevc', ...output }))
]))
