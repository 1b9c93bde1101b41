'use strict'

const path = require('node:path')

/** The link's pictures come in groups this long (s): an encoder machine that calls sees a key picture so soon. */
const LINK_GROUP_SECONDS = 0.5
/** The rate control of the link may even out so much (s); that of a programme a second. */
const LINK_BUFFER_SECONDS = 0.2
const PROGRAMME_BUFFER_SECONDS = 1
const SOUND_BIT_RATE = 192_000
/** EBU Tech 3304 asks for 1 kHz; further sources are told apart by a lower one. */
const TONES_HZ = [1000, 800, 630, 500, 400, 315, 250, 200]

function sourceOf (source, index) {
  const { kind, pattern, colour, location, looped } = source
  return kind === 'pattern' ? { kind, pattern, colour, toneHz: TONES_HZ[index % TONES_HZ.length] } : { kind, location, looped }
}

function linkSource ({ address, port, latencyMs, passphrase }) {
  return { kind: 'srt', mode: 'caller', address, port, latencyMs, passphrase }
}

/** Each name once: an operator calls sources by it. */
function named (parts) {
  const taken = new Set()
  return parts.map(({ part, definition }) => {
    let name = part.name
    for (let number = 2; taken.has(name); number++) name = `${part.name} ${number}`
    taken.add(name)
    return { name, ...definition }
  })
}

function linkEncoder (linkOut, { host, frameRate }) {
  const { name, bitRate, port, latencyMs, passphrase } = linkOut
  return {
    name,
    codec: 'h264',
    preset: 'ultrafast',
    bitRate,
    bufferSeconds: LINK_BUFFER_SECONDS,
    gopFrames: Math.max(1, Math.round(frameRate * LINK_GROUP_SECONDS)),
    sound: null,
    outputs: [{ name, kind: 'srt', mode: 'listener', address: host, port, latencyMs, passphrase }]
  }
}

function outputsOf (output, mediaDir) {
  const { name } = output
  if (output.type === 'media-file-out') return [{ name, kind: 'file', folder: mediaDir, fileName: output.fileName }]
  return [
    { name, kind: 'hls', folder: path.join(mediaDir, 'hls'), segmentSeconds: output.segmentSeconds },
    { name: `${name} still`, kind: 'still', file: path.join(mediaDir, 'still.jpg') }
  ]
}

function programmeEncoder (encoder, { mediaDir }) {
  const { name, codec, preset, bitRate, gopFrames } = encoder
  return {
    name,
    codec,
    preset,
    bitRate,
    bufferSeconds: PROGRAMME_BUFFER_SECONDS,
    gopFrames,
    sound: { bitRate: SOUND_BIT_RATE },
    outputs: encoder.outputs.flatMap((output) => outputsOf(output, mediaDir))
  }
}

/**
 * What the engine has to do for a chain.
 *
 * @param {object} chain a chain without faults, of `findChains`
 * @param {object} place `host` (address that links listen on), `mediaDir` (absolute path)
 * @returns {object} see Engine
 */
function defineChain (chain, place) {
  const { name, format, mixer, linkIn } = chain
  const parts = linkIn
    ? [{ part: linkIn, definition: linkSource(linkIn) }]
    : chain.sources.map((source, index) => ({ part: source, definition: sourceOf(source, index) }))
  return {
    name,
    format,
    sources: named(parts),
    beginsWithSource: linkIn !== null,
    ...(mixer && { fader: mixer.fader, fades: mixer.fades }),
    encoders: [
      ...chain.linkOuts.map((linkOut) => linkEncoder(linkOut, { ...place, frameRate: format.frameRate })),
      ...chain.encoders.map((encoder) => programmeEncoder(encoder, place))
    ]
  }
}

module.exports = { defineChain }
