'use strict'

const { SAMPLE_RATE } = require('../clock/frame-rate')

/** Taller pictures whose colours nobody says are taken for BT.709, as players do. */
const TALLEST_SD = 576
/** Nits of white that tone mapping leaves as they are (ITU-R BT.2408: 203 is graphics white, 100 is SDR's peak). */
const NOMINAL_PEAK = 100

/**
 * FFmpeg's filters that make a source's pictures those of the production, whatever they are: deinterlaced, tone-mapped, of its size
 * with bars (or cropped), square pixels, its colours.
 *
 * @param {PictureFormat} format of the production
 * @param {object} source `crop`: fill the picture and cut what is over, in place of bars
 * @param {object|null} video of StreamInfo; null before anything is known
 * @returns {string}
 */
function conformPictures (format, source, video) {
  const { width, height, colours } = format
  const filters = []
  if (video?.isInterlaced) filters.push(`bwdif=mode=${format.rate.value > 30 ? 'send_field' : 'send_frame'}:deint=interlaced`)
  if (video?.isHdr) {
    filters.push(
      `zscale=transfer=linear:npl=${NOMINAL_PEAK}`, 'format=gbrpf32le', 'zscale=primaries=bt709', 'tonemap=tonemap=hable:desat=0',
      'zscale=transfer=bt709:matrix=bt709:range=limited', 'format=yuv420p'
    )
  }
  const bound = source.crop ? 'max' : 'min'
  const scale = [
    `w='2*round(${bound}(${width},${height}*dar)/2)'`, `h='2*round(${bound}(${height},${width}/dar)/2)'`,
    `in_color_matrix=${matrixOf(video)}`, `out_color_matrix=${colours.matrix}`, 'out_range=limited'
  ]
  filters.push(`scale=${scale.join(':')}`)
  filters.push(source.crop ? `crop=${width}:${height}` : `pad=${width}:${height}:-1:-1`, 'format=yuv420p', 'setsar=1')
  return filters.join(',')
}

function matrixOf (video) {
  if (!video || video.matrix !== null || video.isRgb) return 'auto'
  return video.isHdr || video.height > TALLEST_SD ? 'bt709' : 'smpte170m'
}

/**
 * FFmpeg's filters that make a source's sound 48 kHz stereo.
 *
 * @param {object|null} audio of StreamInfo
 * @returns {string}
 */
function conformSound (audio) {
  // FFmpeg's own way from one to two channels takes 3 dB away.
  const doubled = audio?.isMono ? ['pan=stereo|c0=c0|c1=c0'] : []
  return [`aresample=${SAMPLE_RATE}`, ...doubled, 'aformat=sample_fmts=flt:channel_layouts=stereo'].join(',')
}

module.exports = { conformPictures, conformSound }
