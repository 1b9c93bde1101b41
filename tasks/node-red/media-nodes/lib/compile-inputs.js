'use strict'

const { buses } = require('../resources/media-values')

const BLACK = { kind: 'pattern', pattern: 'colour', colour: '#000000' }
const URL_PROTOCOLS = 'http,https,httpproxy,tcp,tls,crypto'
const LINK_READ_TIMEOUT_US = 1_500_000
const LINK_CONNECT_TIMEOUT_MS = 1500
const PROBE = 500_000

const PATTERNS = {
  'smpte-bars': () => 'smptebars',
  'pal-bars': () => 'pal75bars',
  'test-card': () => 'testsrc2',
  counter: () => 'testsrc',
  gradient: () => 'gradients',
  colour: (source) => `color=color=${source.colour.replace('#', '0x')}`
}

/** Generators make pictures as fast as they can: -re holds every source to real time. */
function patternInput (source, format) {
  const generator = PATTERNS[source.pattern](source)
  const join = generator.includes('=') ? ':' : '='
  return ['-re', '-f', 'lavfi', '-i', `${generator}${join}size=${format.width}x${format.height}:rate=${format.frameRate}`]
}

function loop (source) {
  return source.looped ? ['-stream_loop', '-1'] : []
}

function sourceInput (source, format) {
  if (source.kind === 'file') {
    return ['-re', ...loop(source), '-protocol_whitelist', 'file', '-i', `file:${source.location}`]
  }
  if (source.kind === 'url') {
    return [
      '-re', ...loop(source), '-protocol_whitelist', URL_PROTOCOLS, '-rw_timeout', '10000000',
      '-reconnect', '1', '-reconnect_streamed', '1', '-reconnect_delay_max', '5', '-i', source.location
    ]
  }
  return patternInput(source, format)
}

/**
 * FFmpeg guesses twice the frame rate for H.264 in MPEG-TS, so -r says what it is. The passphrase stands outside the
 * URL, because FFmpeg prints URLs. In `ps` it can be seen, by the users of this container: there is one only, who also
 * holds the flow's credentials. FFmpeg 7 to 9 read no input option from a file, so nothing else would be safer.
 */
function linkInput (linkIn) {
  const query = `mode=caller&latency=${linkIn.latencyMs * 1000}&timeout=${LINK_READ_TIMEOUT_US}&connect_timeout=${LINK_CONNECT_TIMEOUT_MS}`
  return [
    '-fflags', 'nobuffer', '-analyzeduration', String(PROBE), '-probesize', String(PROBE),
    '-passphrase', linkIn.passphrase, '-f', 'mpegts', '-r', String(linkIn.format.frameRate),
    '-i', `srt://${linkIn.address}:${linkIn.port}?${query}`
  ]
}

/** Whatever a source gives, the chain gets pictures of its own size and rate, with bars where the shape differs. */
function normalise (source, { width, height, frameRate }) {
  const fit = source.kind === 'pattern'
    ? ''
    : `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,`
  return `${fit}fps=${frameRate},format=yuv420p,setsar=1`
}

/** FFmpeg's text for the weights of bus 1 and bus 2 at a position of the fader (0..1); they add up to exactly 1. */
function weightsAt (fader) {
  const first = Math.round(fader * 10000)
  return `${(first / 10000).toFixed(4)} ${((10000 - first) / 10000).toFixed(4)}`
}

/** mix, not blend: blend takes a new opacity at run time and does nothing with it. */
function mixerInputs (chain, fader) {
  const sources = buses.map((bus) => chain.sources.find((source) => source.bus === bus) ?? BLACK)
  const scaled = sources.map((source, index) => `[${index}:v:0]${normalise(source, chain.format)}[bus${index + 1}]`)
  return {
    args: sources.flatMap((source) => sourceInput(source, chain.format)),
    filters: [...scaled, `[bus1][bus2]mix@fader=inputs=2:duration=longest:weights=${weightsAt(fader)}[pictures]`]
  }
}

/**
 * The inputs of a chain and the filters that make one stream of pictures, `[pictures]`, of them.
 *
 * @param {object} chain a chain without faults, of `findChains`
 * @param {number} fader position the mixer starts at, 0..1
 * @returns {{args: string[], filters: string[]}}
 */
function compileInputs (chain, fader) {
  if (chain.mixer) return mixerInputs(chain, fader)
  if (chain.linkIn) {
    const { width, height } = chain.format
    return { args: linkInput(chain.linkIn), filters: [`[0:v:0]scale=${width}:${height},format=yuv420p,setsar=1[pictures]`] }
  }
  const [source] = chain.sources
  return { args: sourceInput(source, chain.format), filters: [`[0:v:0]${normalise(source, chain.format)}[pictures]`] }
}

module.exports = { compileInputs, weightsAt }
