'use strict'

const { PATIENT_INPUT, QUIET } = require('../stream-input')

/**
 * The arguments of the FFmpeg that copies a transport stream (pipe 0) into a fragmented MP4 (pipe 1), a fragment each group of pictures.
 *
 * What an encoder that died left of its last picture is left out, and a gap of the timestamps is one of the fragments' times.
 *
 * @param {object} how `codec` (h264, hevc); `keepsTime`: timestamps stay those of the stream, so that fragments tell when they begin on the
 *   production's clock; `longestSeconds` of a fragment, where groups may be longer; `tellsStart`: its log says where on the stream's own time it begins
 * @returns {string[]}
 */
function fragmentArguments ({ codec, keepsTime = false, longestSeconds, tellsStart = false }) {
  return [
    ...QUIET, ...(tellsStart ? ['-loglevel', 'level+info'] : []), '-fflags', '+discardcorrupt', ...(keepsTime ? ['-copyts'] : []), ...PATIENT_INPUT,
    // Players of Apple's know HEVC by this tag alone.
    '-map', '0', '-c', 'copy', ...(codec === 'hevc' ? ['-tag:v', 'hvc1'] : []), '-bsf:a', 'aac_adtstoasc',
    '-movflags', '+frag_keyframe+delay_moov+default_base_moof+frag_discont', ...(longestSeconds ? ['-frag_duration', String(longestSeconds * 1e6)] : []),
    '-flush_packets', '1', '-f', 'mp4', 'pipe:1'
  ]
}

module.exports = { fragmentArguments }
