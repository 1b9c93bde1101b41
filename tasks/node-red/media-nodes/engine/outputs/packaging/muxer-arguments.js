'use strict'

/** FFmpeg looks so long (µs, bytes) at the stream before it writes, and needs a picture and sound by then; what it has seen is not lost. */
const LOOK = ['-analyzeduration', '1000000', '-probesize', '20000000']

/**
 * The arguments of the FFmpeg that copies the programme's transport stream on pipe 0 into fragments of MP4 on pipe 1.
 *
 * @param {object} how `codec` (h264, hevc), `fragmentSeconds` (the longest; absent: one a group of pictures)
 * @returns {string[]}
 */
function muxerArguments ({ codec, fragmentSeconds }) {
  // Players of Apple's know HEVC by this tag alone.
  const tag = codec === 'hevc' ? ['-tag:v', 'hvc1'] : []
  const longest = fragmentSeconds ? ['-frag_duration', String(fragmentSeconds * 1e6)] : []
  return [
    '-hide_banner', '-loglevel', 'level+warning', '-nostats', ...LOOK, '-f', 'mpegts', '-i', 'pipe:0', '-map', '0', '-c', 'copy', ...tag,
    '-bsf:a', 'aac_adtstoasc', '-movflags', '+frag_keyframe+delay_moov+default_base_moof', ...longest, '-flush_packets', '1', '-f', 'mp4', 'pipe:1'
  ]
}

module.exports = { muxerArguments }
