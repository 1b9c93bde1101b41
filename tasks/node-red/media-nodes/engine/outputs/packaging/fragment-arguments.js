'use strict'

const { PATIENT_INPUT, QUIET } = require('../stream-input')

/**
 * The arguments of the FFmpeg that copies a transport stream (pipe 0) into a fragmented MP4 (pipe 1), a fragment each group of pictures.
 *
 * Timestamps stay those of the stream: fragments tell when they begin on the production's clock. What an encoder that died left of its
 * last picture is left out.
 *
 * @param {string} codec h264, hevc
 * @returns {string[]}
 */
function fragmentArguments (codec) {
  return [
    ...QUIET, '-fflags', '+discardcorrupt', '-copyts', ...PATIENT_INPUT,
    // Players of Apple's know HEVC by this tag alone.
    '-map', '0', '-c', 'copy', ...(codec === 'hevc' ? ['-tag:v', 'hvc1'] : []), '-bsf:a', 'aac_adtstoasc',
    '-movflags', '+frag_keyframe+delay_moov+default_base_moof+frag_discont', '-flush_packets', '1', '-f', 'mp4', 'pipe:1'
  ]
}

module.exports = { fragmentArguments }
