'use strict'

const { SAMPLE_RATE } = require('../../clock/frame-rate')

/** Pictures as wide or taller whose colours nobody says are taken for BT.709, smaller ones for BT.601, as players do. */
const [NARROWEST_HD, TALLEST_SD] = [1280, 576]
/** Graphics white of HDR in nits (ITU-R BT.2408); it becomes nearly SDR's white. */
const HDR_WHITE = 203
/** Brighter than this (nits) all is white. */
const HDR_PEAK = 1000
/** Up to this part of white, tone mapping leaves light as it is. */
const UNTOUCHED = 0.7

/** Rates that differ by less are one: FFmpeg writes two digits. */
const SAME_RATE = 0.006

/**
 * FFmpeg's filters that make a source's pictures those of the production, whatever they are: deinterlaced, tone-mapped, of its size
 * with bars (or cropped), square pixels, its colours. FFmpeg itself turns pictures that carry a rotation before it filters them.
 *
 * @param {PictureFormat} format of the production
 * @param {object} source `crop`: fill the picture and cut what is over, in place of bars
 * @param {object} video of StreamInfo
 * @returns {string}
 */
function conformPictures (format, source, video) {
  const { width, height, colours } = format
  const filters = []
  const mode = format.rate.value > 30 ? 'send_field' : 'send_frame'
  if (video.isInterlaced) filters.push(`bwdif=mode=${mode}:deint=interlaced`)
  const rate = video.isInterlaced && mode === 'send_field' ? 2 * video.rate : video.rate
  // It waits for the next picture to know how long one stays, which pictures of the production's own rate need not.
  if (!(Math.abs(rate - format.rate.value) < SAME_RATE)) filters.push(`fps=${format.rate}`)
  if (video.isHdr || video.isWideGamut) filters.push(...toBt709(video))
  const bound = source.crop ? 'max' : 'min'
  const scale = [
    `w='2*round(${bound}(${width},${height}*dar)/2)'`, `h='2*round(${bound}(${height},${width}/dar)/2)'`,
    `in_color_matrix=${matrixOf(video)}`, `out_color_matrix=${colours.matrix}`, 'out_range=limited', 'flags=bicubic+accurate_rnd+full_chroma_int'
  ]
  filters.push(`scale=${scale.join(':')}`)
  filters.push(source.crop ? `crop=${width}:${height}` : `pad=${width}:${height}:-1:-1`, 'format=yuv420p', 'setsar=1')
  return filters.join(',')
}

/** Through linear light: that is where brightness is mapped and other primaries are turned into BT.709's. */
function toBt709 ({ isHdr }) {
  const mapped = isHdr ? [`tonemap=tonemap=mobius:param=${UNTOUCHED}:desat=0:peak=${HDR_PEAK / HDR_WHITE}`] : []
  return [
    `zscale=transfer=linear:npl=${HDR_WHITE}`, 'format=gbrpf32le', 'zscale=primaries=bt709', ...mapped,
    'zscale=transfer=bt709:matrix=bt709:range=limited', 'format=yuv444p'
  ]
}

function matrixOf (video) {
  if (video.takenFor) return video.takenFor
  if (video.matrix !== null || video.isRgb || video.isHdr || video.isWideGamut) return 'auto'
  return video.width >= NARROWEST_HD || video.height > TALLEST_SD ? 'bt709' : 'smpte170m'
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
  return [...doubled, `aresample=${SAMPLE_RATE}:osf=flt:ochl=stereo`].join(',')
}

module.exports = { conformPictures, conformSound }
