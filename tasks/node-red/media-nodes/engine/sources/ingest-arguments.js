'use strict'

const { conformPictures, conformSound } = require('./conform')
const { drawText, drawTimecode } = require('./draw-text')

const URL_PROTOCOLS = 'http,https,httpproxy,tcp,tls,crypto'
const PROBE_BYTES = '500000'
const PROBE_US = '500000'
const SRT_TIMEOUT_MS = 1500

const PATTERNS = {
  'smpte-bars': () => 'smptehdbars',
  'pal-bars': () => 'pal75bars',
  'test-card': () => 'testsrc2',
  counter: () => 'testsrc',
  gradient: () => 'gradients',
  colour: ({ colour }) => `color=color=${colour.replace('#', '0x')}`
}
/** Every pattern carries its name and a time code: so it moves, and a freeze is seen. */
function caption (source, { format, font }) {
  const size = format.height / 18
  return `${drawText(source.name, { font, size, y: 'h*0.78' })},${drawTimecode(format.rate, { font, size, y: 'h*0.88' })}`
}

const INPUTS = {
  pattern (source, place) {
    const { format } = place
    const generator = PATTERNS[source.pattern](source)
    const join = generator.includes('=') ? ':' : '='
    const pictures = `${generator}${join}size=${format.width}x${format.height}:rate=${format.rate},${caption(source, place)}`
    return { input: ['-f', 'lavfi', '-i', pictures, '-f', 'lavfi', '-i', `sine=frequency=${source.toneHz ?? 1000}:sample_rate=48000`], sound: '1:a:0' }
  },
  file (source) {
    return { input: [...loop(source), '-protocol_whitelist', 'file', '-i', `file:${source.location}`] }
  },
  url (source) {
    return {
      input: [
        ...loop(source), '-protocol_whitelist', URL_PROTOCOLS, '-rw_timeout', '10000000',
        '-reconnect', '1', '-reconnect_streamed', '1', '-reconnect_delay_max', '2', '-i', source.location
      ]
    }
  },
  srt (source) {
    const options = source.mode === 'caller' ? `mode=caller&connect_timeout=${SRT_TIMEOUT_MS}` : 'mode=listener'
    const query = `${options}&latency=${source.latencyMs * 1000}&timeout=${SRT_TIMEOUT_MS * 1000}`
    const streamId = source.streamId && source.mode === 'caller' ? ['-srt_streamid', source.streamId] : []
    return {
      input: [...LIVE, ...(source.passphrase ? ['-passphrase', source.passphrase] : []), ...streamId, '-f', 'mpegts', '-i', `srt://${source.address}:${source.port}?${query}`]
    }
  },
  rtp (source) {
    return { input: [...LIVE, '-protocol_whitelist', 'rtp,udp', '-f', 'mpegts', '-i', `udp://${source.address}:${source.port}?timeout=0&fifo_size=100000&overrun_nonfatal=1`] }
  }
}
const LIVE = ['-fflags', '+nobuffer+discardcorrupt', '-analyzeduration', PROBE_US, '-probesize', PROBE_BYTES]
const LIVE_KINDS = new Set(['srt', 'rtmp', 'rtp'])

function loop (source) {
  return source.looped ? ['-stream_loop', '-1'] : []
}

/** Whether a source's pictures come by a clock of its own. */
function isLive (source) {
  return LIVE_KINDS.has(source.kind)
}

/**
 * The arguments of the FFmpeg that receives, decodes and conforms one source.
 *
 * @param {object} source of the definition
 * @param {object} place `format` (PictureFormat), `font` (path of a font's file), `socket` (path where FFmpeg listens; NUT comes out)
 * @param {object} found what is known of the streams: `video`, `audio` of StreamInfo, or null
 * @returns {string[]}
 */
function ingestArguments (source, place, { video, audio }) {
  const { input, sound = `0:a:${source.soundTrack ?? 0}?` } = INPUTS[source.kind](source, place)
  return [
    '-nostdin', '-hide_banner', '-loglevel', 'level+info', '-nostats', ...input,
    '-map', '0:v:0?', '-vf', conformPictures(place.format, source, video), '-fps_mode', 'cfr', '-r', String(place.format.rate),
    '-c:v', 'rawvideo', '-map', sound, '-af', conformSound(audio), '-c:a', 'pcm_f32le',
    '-max_interleave_delta', '1', '-flush_packets', '1', '-f', 'nut', '-write_index', '0', '-listen', '1', `unix:${place.socket}`
  ]
}

module.exports = { ingestArguments, isLive }
