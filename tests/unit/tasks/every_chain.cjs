'use strict'

// Prints, as JSON, the arguments that the media nodes give FFmpeg for every kind of part that they know.

const path = require('node:path')

const NODES = path.join(__dirname, '..', '..', '..', 'tasks', 'node-red', 'media-nodes')
const { compile } = require(path.join(NODES, 'lib', 'compile'))
const { findChains } = require(path.join(NODES, 'lib', 'graph'))
const values = require(path.join(NODES, 'resources', 'media-values'))
const parts = require(path.join(NODES, 'test-support', 'parts'))

const place = { host: '127.0.0.2', mediaDir: '/data/media', fader: 0.5, files: { 'file-out': '/data/media/encoder.mp4' } }
// The rule itself says what it takes: "must be one of smpte-bars, pal-bars, …".
const patterns = values.fault('media-source', 'pattern', 'none', {}).split('one of ')[1].split(', ')
const alone = (source) => [source, parts.encoder(), parts.hlsOut(), parts.fileOut()]
const toEncoder = { wires: [['encoder']] }

const chains = [
  parts.mix(),
  parts.encode(),
  [parts.source('one', { bus: 2 }), parts.mixer(), parts.linkOut()],
  ...patterns.map((pattern) => alone(parts.source('source', { ...toEncoder, pattern }))),
  alone(parts.source('file', { ...toEncoder, kind: 'file', location: '/data/clip.mp4' })),
  alone(parts.source('url', { ...toEncoder, kind: 'url', location: 'https://example.org/clip.mp4' }))
]

process.stdout.write(JSON.stringify(chains.flatMap((chain) => findChains(chain).map((found) => {
  if (found.faults.length > 0) throw found.faults[0]
  return compile(found, place)
}))))
