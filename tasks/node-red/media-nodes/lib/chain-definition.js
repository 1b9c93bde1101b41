'use strict'

const path = require('node:path')
const { FrameRate } = require('../engine/clock/frame-rate')
const { isCaller } = require('../resources/media-values')

/** The link's pictures come in groups this long: an encoder machine that calls sees a key picture so soon. */
const LINK_GROUP_MS = 500
/** The rate control of the link may even out so much (s); that of a programme a second. */
const LINK_BUFFER_SECONDS = 0.2
const PROGRAMME_BUFFER_SECONDS = 1
/** EBU Tech 3304 asks for 1 kHz; further sources are told apart by a lower one. */
const TONES_HZ = [1000, 800, 630, 500, 400, 315, 250, 200]

/** The application that RTMP senders name; their keys tell them apart. */
const RTMP_APP = 'live'

const located = ({ location, looped }) => ({ location, looped })
/** What the engine has to know of each kind of source, beside what all have. */
const KINDS = {
  pattern: ({ pattern, colour, bus }) => ({ pattern, colour, toneHz: TONES_HZ[bus - 1] }),
  file: located,
  url: located,
  s3: ({ location, versionId, looped }) => ({ location: versionId ? `${location}?versionId=${versionId}` : location, looped }),
  srt ({ mode, address, port, latencyMs, passphrase, passphraseSecret, streamId }, { host }) {
    const end = isCaller({ kind: 'srt', mode })
      ? { address, ...(streamId && { streamId }), ...(passphraseSecret && { passphraseSecret }) }
      : { address: host }
    return { mode, ...end, port, latencyMs, ...(passphrase && { passphrase }) }
  },
  rtmp: ({ port, streamKey }, { host }) => ({ address: host, port, app: RTMP_APP, streamKey }),
  rtp: ({ port, sdp }, { host }) => ({ address: host, port, ...(sdp && { sdp }) })
}

/** `number` is the bus: the fader moves between 1 and 2. */
function sourceOf (source, place, hasMixer) {
  const { kind, bus, crop, soundTrack, holdMs, detect, failoverTo } = source
  return {
    ...(hasMixer && { number: bus }),
    kind,
    ...KINDS[kind](source, place),
    ...(kind !== 'pattern' && { crop, soundTrack: soundTrack - 1 }),
    onLoss: { holdMs, ...(detect.length > 0 && { detect }), ...(failoverTo > 0 && { failoverTo }) }
  }
}

/** A link's control is on TCP, one port above it. */
const controlOf = (port) => port + 1

function linkSource ({ address, port, latencyMs, passphrase }) {
  return { kind: 'srt', mode: 'caller', address, port, controlPort: controlOf(port), latencyMs, passphrase }
}

/** What a chain's pictures come from: the parts that are sources of its engine. */
const sourceParts = ({ linkIn, sources }) => linkIn ? [linkIn] : sources

/**
 * The name of each source in the engine by its part's id. Each is there once: an operator calls sources by it.
 *
 * @param {object} chain of `findChains`
 * @returns {Map<string, string>}
 */
function sourceNames (chain) {
  const taken = new Set()
  return new Map(sourceParts(chain).map((part) => {
    let name = part.name
    for (let number = 2; taken.has(name); number++) name = `${part.name} ${number}`
    taken.add(name)
    return [part.id, name]
  }))
}

function linkEncoder (linkOut, { host, rate }) {
  const { name, bitRate, port, latencyMs, passphrase } = linkOut
  return {
    name,
    codec: 'h264',
    preset: 'ultrafast',
    bitRate,
    bufferSeconds: LINK_BUFFER_SECONDS,
    gopFrames: rate.framesOf(LINK_GROUP_MS),
    sound: null,
    outputs: [{ name, kind: 'srt', mode: 'listener', address: host, port, controlPort: controlOf(port), latencyMs, passphrase }]
  }
}

/** What a destination's process has to know; `secret` names what it reads by itself. */
const DESTINATIONS = {
  rtmp: ({ url, keySecret }) => ({ to: 'rtmp', url, secret: keySecret }),
  srt ({ mode, address, port, latencyMs, streamId, passphraseSecret, passphrase }, host) {
    const end = isCaller({ kind: 'srt', mode })
      ? { address, ...(streamId && { streamId }), ...(passphraseSecret && { secret: passphraseSecret }) }
      : { address: host }
    return { to: 'srt', mode, ...end, port, latencyMs, ...(passphrase && { passphrase }) }
  },
  rtp: ({ address, port }) => ({ to: 'rtp', address, port })
}

/**
 * Where the low-latency view is asked for, inside the machine: one port above its own, on TCP.
 *
 * @returns {{signalAddress: string, signalPort: number}}
 */
function signalling ({ lowLatencyPort }, host) {
  return { signalAddress: host === '0.0.0.0' ? '127.0.0.1' : host, signalPort: lowLatencyPort + 1 }
}

/** HLS on the machine's own page, and on the web; of a rendition beside the programme (number 2, 3) nothing else. */
function webOutputs ({ name, publish, segmentSeconds: seconds }, { mediaDir, rate }, number, renditions) {
  const segmentSeconds = rate.msUpTo(rate.framesOfSegment(seconds)) / 1000
  const called = number > 1 ? `${name} rendition ${number}` : name
  const page = path.join(mediaDir, 'hls')
  const folder = number > 1 ? path.join(page, String(number)) : page
  const ladder = renditions > 1 ? { rendition: number, renditions, ladder: path.join(page, 'ladder') } : {}
  const onTheWeb = { name: `${called} on the web`, kind: 'publish', folder: path.join(mediaDir, 'publish'), rendition: number, renditions, location: publish, segmentSeconds }
  return [{ name: called, kind: 'hls', folder, segmentSeconds, ...ladder }, ...(publish ? [onTheWeb] : [])]
}

/** @param {string} [source] whose recording it is; none: the programme's */
function recordingOf ({ name, fileName, location }, { mediaDir, productionId }, source) {
  return { name, kind: 'recording', folder: mediaDir, fileName, ...(location && { location }), production: productionId, ...(source && { source }) }
}

function outputsOf (output, { host, mediaDir, ...place }, renditions) {
  const { name } = output
  if (output.type === 'media-file-out') return [recordingOf(output, { mediaDir, ...place })]
  if (output.type === 'media-destination') return [{ name, kind: 'destination', ...DESTINATIONS[output.kind](output, host) }]
  return [
    ...webOutputs(output, { mediaDir, ...place }, 1, renditions),
    { name: `${name} still`, kind: 'still', file: path.join(mediaDir, 'still.jpg') },
    { name: `${name} low latency`, kind: 'webrtc', address: host, port: output.lowLatencyPort, ...signalling(output, host) }
  ]
}

/** Renditions are H.264, which every browser decodes; without a width they have the programme's shape. */
function renditionsOf ({ renditions, outputs }, place) {
  const { width: programmeWidth, height: programmeHeight } = place.format
  return renditions.map(({ width, height, bitRate }, index) => ({
    width: width ?? 2 * Math.round(programmeWidth * height / programmeHeight / 2),
    height,
    codec: 'h264',
    bitRate,
    outputs: outputs.filter(({ type }) => type === 'media-hls-out').flatMap((output) => webOutputs(output, place, 2 + index, 1 + renditions.length))
  }))
}

/** How it is encoded, whoever watches. */
function encodingOf ({ name, codec, preset, bitRate, gopFrames, soundBitRate }) {
  return { name, codec, preset, bitRate, bufferSeconds: PROGRAMME_BUFFER_SECONDS, gopFrames, sound: { bitRate: soundBitRate } }
}

function sourceEncoder (encoder, source, place) {
  return { source, ...encodingOf(encoder), outputs: encoder.outputs.map((output) => recordingOf(output, place, source)) }
}

function programmeEncoder (encoder, place) {
  const renditions = renditionsOf(encoder, place)
  return {
    ...encodingOf(encoder),
    ...(renditions.length > 0 && { renditions }),
    outputs: encoder.outputs.flatMap((output) => outputsOf(output, place, 1 + renditions.length))
  }
}

/**
 * What the engine has to do for a chain.
 *
 * @param {object} chain a chain without faults, of `findChains`
 * @param {object} place `host` (address that links listen on), `mediaDir` (absolute path), `productionId` (null without a production)
 * @returns {object} see Engine
 */
function defineChain (chain, place) {
  const { name, format: { slate, ...format }, mixer, linkIn } = chain
  const names = sourceNames(chain)
  const coded = { ...place, format, rate: new FrameRate(format.frameRate) }
  const definitionOf = (part) => linkIn ? linkSource(part) : sourceOf(part, place, mixer !== null)
  return {
    name,
    format,
    ...(slate && { slate }),
    sources: sourceParts(chain).map((part) => ({ name: names.get(part.id), ...definitionOf(part) })),
    beginsWithSource: linkIn !== null,
    ...(mixer && { fader: mixer.fader, fades: mixer.fades }),
    ...(chain.sourceEncoders.length > 0 && {
      sourceEncoders: chain.sourceEncoders.map((encoder) => sourceEncoder(encoder, names.get(encoder.source.id), place))
    }),
    encoders: [
      ...chain.linkOuts.map((linkOut) => linkEncoder(linkOut, coded)),
      ...chain.encoders.map((encoder) => programmeEncoder(encoder, coded))
    ]
  }
}

module.exports = { defineChain, signalling, sourceNames }
