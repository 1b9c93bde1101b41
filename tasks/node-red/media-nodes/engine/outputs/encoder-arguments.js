'use strict'

const { SAMPLE_RATE } = require('../clock/frame-rate')

/** Sound of the link is kept as it is: SMPTE 302M, 24 bit. */
const LOSSLESS_SOUND = ['-c:a', 's302m', '-strict', 'experimental', '-sample_fmt', 's32', '-bits_per_raw_sample:a', '24']

/** Key pictures come every `gop` pictures and nowhere else, each beginning a group that stands by itself. */
const CODECS = {
  h264: () => ['-c:v', 'libx264', '-profile:v', 'high', '-tune', 'zerolatency', '-sc_threshold', '0'],
  hevc: (gop) => [
    '-c:v', 'libx265', '-tune', 'zerolatency', '-x265-params', `log-level=error:keyint=${gop}:min-keyint=${gop}:scenecut=0:open-gop=0:repeat-headers=1`
  ]
}

/** AAC's first packet lies before the first picture, and has a timestamp that is not negative. */
const FIRST_TIMESTAMP_SECONDS = 1

/** Where renditions come out: pipes from this one on. */
const FIRST_RENDITION_PIPE = 5

/**
 * The arguments of the FFmpeg that encodes the programme: raw pictures on pipe 0, sound on pipe 3, an MPEG transport stream on pipe 1,
 * a line with the size (bytes) of each coded picture on pipe 4, and a transport stream of each rendition on pipe 5 and 6.
 *
 * @param {object} encoder `codec` (h264, hevc), `preset`, `bitRate` (bit/s), `bufferSeconds` (of the rate control), `gopFrames`, `sound`
 *   ({bitRate} in bit/s; null keeps it lossless); `renditions` of the same pictures, each `width`, `height`, `codec`, `bitRate`, with key pictures
 *   at the same places
 * @param {PictureFormat} format
 * @param {number} [first] number of the first frame on the production's clock: timestamps begin there
 * @returns {string[]}
 */
function encoderArguments (encoder, format, first = 0) {
  const { matrix, primaries, transfer } = format.colours
  const { renditions = [] } = encoder
  // FFmpeg takes the colours that it writes into the stream from the pictures, not from the encoder's options.
  const colours = `setparams=range=limited:colorspace=${matrix}:color_primaries=${primaries}:color_trc=${transfer}`
  const pictures = renditions.length > 0 ? ['-filter_complex', ladderOf(colours, renditions), '-map', '[programme]'] : ['-map', '0:v:0', '-vf', colours]
  return [
    '-hide_banner', '-loglevel', 'level+warning', '-nostats',
    '-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', `${format.width}x${format.height}`, '-framerate', String(format.rate),
    '-i', 'pipe:0',
    '-f', 'f32le', '-sample_rate', String(SAMPLE_RATE), '-ch_layout', 'stereo', '-i', 'pipe:3',
    ...pictures, '-map', '1:a:0', '-stats_enc_post:v', 'pipe:4', '-stats_enc_post_fmt:v', '{size}', ...codingArguments(encoder, format, first), 'pipe:1',
    ...renditions.flatMap((rendition, index) => [
      '-map', `[rendition${index}]`, '-map', '1:a:0', ...codingArguments({ ...encoder, ...rendition }, format, first), `pipe:${FIRST_RENDITION_PIPE + index}`
    ])
  ]
}

/** One graph: the programme's pictures, and those of each rendition scaled from them. */
function ladderOf (colours, renditions) {
  const scaled = renditions.map(({ width, height }, index) => `[raw${index}]scale=${width}:${height}:flags=bicubic,setsar=1[rendition${index}]`)
  return [`[0:v:0]${colours},split=${1 + renditions.length}[programme]${renditions.map((_, index) => `[raw${index}]`).join('')}`, ...scaled].join(';')
}

/** How pictures and sound are coded into an MPEG transport stream; what they come from and where it goes stands around it. */
function codingArguments ({ codec, preset, bitRate, bufferSeconds, gopFrames, sound }, format, first = 0) {
  const [rate, gop] = [String(bitRate), String(gopFrames)]
  return [
    ...CODECS[codec](gop), '-preset', preset, '-g', gop, '-keyint_min', gop,
    '-b:v', rate, '-maxrate', rate, '-bufsize', String(Math.round(bitRate * bufferSeconds)),
    ...(sound === null ? LOSSLESS_SOUND : ['-c:a', 'aac', '-b:a', String(sound.bitRate)]),
    '-output_ts_offset', String(FIRST_TIMESTAMP_SECONDS + format.rate.msUpTo(first) / 1000),
    '-max_interleave_delta', '1', '-muxdelay', '0', '-muxpreload', '0', '-flush_packets', '1', '-f', 'mpegts', '-pat_period', '0.2'
  ]
}

module.exports = { FIRST_RENDITION_PIPE, FIRST_TIMESTAMP_SECONDS, codingArguments, encoderArguments }
