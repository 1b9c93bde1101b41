'use strict'

const { conformPictures, conformSound } = require('./conform')
const { drawText, drawTimecode } = require('../draw-text')

/** What a fetched source may be: nothing that names other places, but for playlists, whose addresses the media server has made its own. */
const FETCHED_FORMATS = 'mov,mpegts,matroska,hls,flv,avi,mpeg,mxf,ogg,asf,gif,apng,png_pipe,jpeg_pipe,h264,hevc,ivf,nut,wav,mp3,aac,ac3,flac'
/** A sender's stream is known after so much of it. */
const PROBE = ['-analyzeduration', '500000', '-probesize', '500000']
/** A link is the engine's own stream: of its sound, which has no marks of its own, nothing has to be guessed. */
const LINK_PROBE = ['-max_probe_packets', '1', '-analyzeduration', '100000', '-probesize', '5000000']
/** Asked of the kernel for what comes in a burst; it may give less. */
const RECEIVE_BYTES = '4000000'

/** So many a second are decoded by one thread of a slow processor. */
const ONE_THREADS_PIXELS = 65_000_000

/** Pictures wait for the sound that belongs to them, which senders write up to 0.35 s late (see FrameSynchroniser); for sound that stopped, no longer than this. */
const MOST_APART_US = '500000'

const BT_601 = 'smpte170m'
/**
 * FFmpeg's sources, and the matrix that each draws in: it does not say that RP 219's bars are BT.709's. What can be drawn in any (null) is drawn in the
 * production's: to convert a picture afterwards takes more than all else.
 */
const PATTERNS = {
  'smpte-bars': { draw: () => 'smptehdbars', matrix: 'bt709' },
  'pal-bars': { draw: () => 'pal75bars', matrix: BT_601 },
  'test-card': { draw: () => 'testsrc2', matrix: null },
  counter: { draw: () => 'testsrc', matrix: BT_601 },
  gradient: { draw: () => 'gradients', matrix: BT_601 },
  colour: { draw: ({ colour }) => `color=color=${colour.replace('#', '0x')}`, matrix: null }
}
/** Every pattern carries its name and a time code: so it moves, and a freeze is seen. */
function caption (source, { format, font }) {
  const size = format.height / 18
  return `${drawText(source.name, { font, size, y: 'h*0.78' })},${drawTimecode(format.rate, { font, size, y: 'h*0.88' })}`
}

const INPUTS = {
  pattern (source, place) {
    const { format } = place
    const { draw, matrix } = PATTERNS[source.pattern]
    const generator = draw(source)
    const join = generator.includes('=') ? ':' : '='
    const takenFor = matrix ?? format.colours.matrix
    const drawnIn = matrix === null ? `,format=pix_fmts=yuv420p:color_spaces=${takenFor}` : ''
    const pictures = `${generator}${join}size=${format.width}x${format.height}:rate=${format.rate}${drawnIn},${caption(source, place)}`
    return {
      input: ['-f', 'lavfi', '-i', pictures, '-f', 'lavfi', '-i', `sine=frequency=${source.toneHz ?? 1000}:sample_rate=48000`],
      sound: '1:a:0',
      heard: { isMono: true },
      known: { rate: format.rate.value, matrix: null, takenFor }
    }
  },
  file (source, place, { from }) {
    return { input: [...loop(source), ...seek(from), '-protocol_whitelist', 'file', '-i', `file:${source.location}`] }
  },
  url: fetched,
  s3: fetched,
  srt: (source, place, { video }) => fed('mpegts', video, source.controlPort ? LINK_PROBE : PROBE),
  rtp: (source, place, { video }) => source.sdp ? described(place, video) : fed('mpegts', video),
  rtmp: (source, place, { video }) => fed('flv', video)
}
const LIVE_KINDS = new Set(['srt', 'rtmp', 'rtp'])

/** Through the engine's media server alone. */
function fetched (source, { address }, { from }) {
  return {
    input: [...loop(source), ...seek(from), '-protocol_whitelist', 'http,tcp,crypto', '-format_whitelist', FETCHED_FORMATS, '-i', address]
  }
}

/** RTP streams as the description says that the engine's relay writes. */
function described ({ description }, video) {
  return {
    input: [
      ...threads(video),
      '-fflags', '+discardcorrupt', ...PROBE, '-protocol_whitelist', 'file,rtp,udp',
      '-localaddr', '127.0.0.1', '-buffer_size', RECEIVE_BYTES, '-f', 'sdp', '-i', description
    ]
  }
}

/** What a feed receives comes in at the standard input. */
function fed (format, video, probe = PROBE) {
  return {
    input: [
      ...threads(video), '-fflags', '+discardcorrupt', ...probe, '-protocol_whitelist', 'pipe', '-f', format,
      '-i', 'pipe:0'
    ]
  }
}

/** With a thread more FFmpeg holds a picture more back, and takes more of the processors; 1920x1080 at 30 pictures/s needs one. */
function threads ({ width, height, rate }) {
  return width * height * rate <= ONE_THREADS_PIXELS ? ['-threads', '1'] : []
}

function loop (source) {
  return source.looped ? ['-stream_loop', '-1'] : []
}

function seek (seconds) {
  return seconds > 0 ? ['-ss', seconds.toFixed(3)] : []
}

/** Whether a source's pictures come by a clock of its own. */
function isLive (source) {
  return LIVE_KINDS.has(source.kind)
}

/**
 * The arguments of the FFmpeg that receives, decodes and conforms one source.
 *
 * @param {object} source of the definition
 * @param {object} place `format` (PictureFormat), `font` (path of a font's file), `socket` (path where FFmpeg listens; NUT comes out),
 *   `address` (where the media server has it), `description` (path of the file by which packets of RTP are read)
 * @param {object} found what is known of the streams: `video` and `audio` of StreamInfo, the latter null without sound; `from` (s), where a file goes on
 * @returns {string[]}
 */
function ingestArguments (source, place, { video, audio, from = 0 }) {
  const { input, sound = `0:a:${source.soundTrack ?? 0}?`, known = video, heard = audio } = INPUTS[source.kind](source, place, { video, from })
  return [
    '-nostdin', '-hide_banner', '-loglevel', 'level+info', '-nostats', ...input,
    '-map', '0:V:0?', '-vf', conformPictures(place.format, source, known), '-fps_mode', 'cfr', '-r', String(place.format.rate),
    '-c:v', 'rawvideo', '-map', sound, '-af', conformSound(heard), '-c:a', 'pcm_f32le',
    '-max_interleave_delta', MOST_APART_US, '-flush_packets', '1', '-f', 'nut', '-write_index', '0', '-listen', '1', `unix:${place.socket}`
  ]
}

module.exports = { ingestArguments, isLive }
