'use strict'

const { readFormat, readPart } = require('../lib/part')

const PASSPHRASE = 'a passphrase: 100%=safe|'
const format = readFormat({ type: 'media-format', width: 1280, height: 720, frameRate: 25 })

function part (config) {
  return readPart({ name: config.id, ...config }, { format, passphrase: PASSPHRASE })
}

const source = (id, more = {}) => part({
  id, type: 'media-source', bus: 1, kind: 'pattern', pattern: 'smpte-bars', colour: '#204060', location: '', looped: true, wires: [['mixer']], ...more
})
const mixer = (more = {}) => part({ id: 'mixer', type: 'media-mixer', fader: 1, fades: [], wires: [['link-out']], ...more })
const linkOut = (more = {}) => part({ id: 'link-out', type: 'media-link-out', port: 9710, latencyMs: 120, bitRate: 30000000, wires: [], ...more })
const linkIn = (more = {}) => part({ id: 'link-in', type: 'media-link-in', address: '127.0.0.2', port: 9710, latencyMs: 120, wires: [['encoder']], ...more })
const encoder = (more = {}) => part({
  id: 'encoder', type: 'media-encoder', codec: 'h264', preset: 'veryfast', bitRate: 4000000, gopFrames: 50, wires: [['hls-out', 'file-out']], ...more
})
const hlsOut = (more = {}) => part({ id: 'hls-out', type: 'media-hls-out', segmentSeconds: 2, port: 8080, title: 'On air', wires: [], ...more })
const fileOut = (more = {}) => part({ id: 'file-out', type: 'media-file-out', fileName: 'encoder.mp4', wires: [], ...more })

const mix = () => [source('source-1'), source('source-2', { bus: 2, pattern: 'test-card' }), mixer(), linkOut()]
const encode = () => [linkIn(), encoder(), hlsOut(), fileOut()]

module.exports = { PASSPHRASE, format, source, mixer, linkOut, linkIn, encoder, hlsOut, fileOut, mix, encode }
