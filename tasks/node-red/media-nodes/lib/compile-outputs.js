'use strict'

const path = require('node:path')

const HLS_SEGMENTS_KEPT = 30
const LINK_RETRY_SECONDS = 0.2
const LINK_QUEUE_PACKETS = 60

/** Escape for FFmpeg's option strings, where these characters end a value. */
function escapeOption (text) {
  return String(text).replace(/[\\':=|[\]]/g, '\\$&')
}

/** The size of each coded picture on pipe 3: fifo and tee outputs report no bit rate of their own. */
const MEASURE_BITS = ['-stats_enc_post', 'pipe:3', '-stats_enc_post_fmt', '{size}']

/**
 * The fifo muxer lets the mixer run on when nobody listens: it waits for the encoder's call in a thread of its own, drops
 * what cannot be sent, and listens again after the encoder is gone. A short GOP lets an encoder that calls start soon.
 */
function linkOutput (linkOut, { host, frameRate }) {
  const rate = String(linkOut.bitRate)
  const link = ['mode=listener', `latency=${linkOut.latencyMs * 1000}`, 'pbkeylen=16', `passphrase=${escapeOption(linkOut.passphrase)}`]
  return [
    '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', String(Math.max(1, Math.round(frameRate / 2))),
    '-b:v', rate, '-maxrate', rate, '-bufsize', String(Math.round(linkOut.bitRate / 5)),
    '-f', 'fifo', '-fifo_format', 'mpegts', '-queue_size', String(LINK_QUEUE_PACKETS), '-drop_pkts_on_overflow', '1',
    '-attempt_recovery', '1', '-recover_any_error', '1', '-recovery_wait_time', String(LINK_RETRY_SECONDS),
    '-restart_with_keyframe', '1', '-format_opts', link.join(':'), `srt://${host}:${linkOut.port}`
  ]
}

/** A restart goes on with the same playlist (append_list marks the gap); players stop at an end mark, so none is written. */
function hlsSlave (hlsOut, mediaDir) {
  const folder = path.join(mediaDir, 'hls')
  const options = [
    'f=hls', `hls_time=${hlsOut.segmentSeconds}`, `hls_list_size=${HLS_SEGMENTS_KEPT}`,
    'hls_flags=append_list+delete_segments+omit_endlist+independent_segments+temp_file',
    `hls_segment_filename=${escapeOption(path.join(folder, 'live-%05d.ts'))}`
  ]
  return `[${options.join(':')}]${escapeOption(path.join(folder, 'live.m3u8'))}`
}

/**
 * Fragments, written out at once, make the file playable when FFmpeg is killed: a GOP is lost at most.
 * A full disk must not take the other outputs along.
 */
function fileSlave (file) {
  return `[f=mp4:movflags=+frag_keyframe+empty_moov+default_base_moof:flush_packets=1:onfail=ignore]${escapeOption(file)}`
}

function encoderOutput (encoder, { mediaDir, files }) {
  const rate = String(encoder.bitRate)
  const gop = String(encoder.gopFrames)
  const slaves = encoder.outputs.map((output) =>
    output.type === 'media-hls-out' ? hlsSlave(output, mediaDir) : fileSlave(files[output.id]))
  return [
    '-c:v', 'libx264', '-preset', encoder.preset, '-tune', 'zerolatency', '-profile:v', 'high',
    '-g', gop, '-keyint_min', gop, '-sc_threshold', '0',
    '-b:v', rate, '-maxrate', rate, '-bufsize', rate,
    '-flags', '+global_header', '-f', 'tee', slaves.join('|')
  ]
}

/** Written beside and renamed, so that nobody ever reads half a picture. */
function stillOutput (mediaDir) {
  return ['-c:v', 'mjpeg', '-q:v', '4', '-f', 'image2', '-update', '1', '-atomic_writing', '1', path.join(mediaDir, 'still.jpg')]
}

/**
 * The outputs of a chain and the filters that give each its copy of `[pictures]`.
 *
 * @param {object} chain a chain without faults, of `findChains`
 * @param {object} place `host` (address to listen on), `mediaDir`, `files` (path of the MP4 for each media-file-out's id)
 * @returns {{args: string[], filters: string[]}}
 */
function compileOutputs (chain, place) {
  const outputs = [
    ...chain.linkOuts.map((linkOut) => linkOutput(linkOut, { ...place, frameRate: chain.format.frameRate })),
    ...chain.encoders.map((encoder) => encoderOutput(encoder, place))
  ]
  outputs[0] = [...MEASURE_BITS, ...outputs[0]]
  const hasStill = chain.encoders.some((encoder) => encoder.outputs.some(({ type }) => type === 'media-hls-out'))
  if (hasStill) outputs.push(stillOutput(place.mediaDir))
  const labels = outputs.map((_, index) => `[out${index}]`)
  const filters = [`[pictures]split=${labels.length}${labels.join('')}`]
  if (hasStill) {
    filters.push(`${labels.at(-1)}fps=1[still]`)
    labels[labels.length - 1] = '[still]'
  }
  return { args: outputs.flatMap((output, index) => ['-map', labels[index], ...output]), filters }
}

module.exports = { compileOutputs }
