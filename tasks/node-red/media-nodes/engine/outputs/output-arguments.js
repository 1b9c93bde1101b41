'use strict'

const fs = require('node:fs')
const path = require('node:path')

const HLS_SEGMENTS_KEPT = 30
const SRT_KEY_BYTES = 16

/** FFmpeg looks at a stream this long before it writes, and needs a picture and sound by then; what it has seen is not lost. */
const look = (microseconds, bytes) => ['-analyzeduration', String(microseconds), '-probesize', String(bytes), '-f', 'mpegts', '-i', 'pipe:0']
/** Where the look is delay. */
const LIVE_INPUT = look(100_000, 200_000)
/** Where it delays nothing: on a busy machine, sound comes late. A recording whose header cannot be written is in two files. */
const PATIENT_INPUT = look(1_000_000, 20_000_000)
const COPY = ['-map', '0', '-c', 'copy']

const OUTPUTS = {
  /** A restart goes on with the same playlist (append_list marks the gap); players stop at an end mark, so none is written. */
  hls ({ folder, segmentSeconds }) {
    fs.mkdirSync(folder, { recursive: true })
    return [
      ...PATIENT_INPUT, ...COPY, '-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_list_size', String(HLS_SEGMENTS_KEPT),
      '-hls_flags', 'append_list+delete_segments+omit_endlist+independent_segments+temp_file',
      '-hls_segment_filename', path.join(folder, 'live-%05d.ts'), path.join(folder, 'live.m3u8')
    ]
  },
  /** Key pictures only, written beside and renamed, so that nobody ever reads half a picture. */
  still ({ file }) {
    return [
      '-skip_frame', 'nokey', ...LIVE_INPUT, '-map', '0:v:0', '-an', '-vf', 'fps=1', '-c:v', 'mjpeg', '-q:v', '4',
      '-f', 'image2', '-update', '1', '-atomic_writing', '1', file
    ]
  },
  srt: srtArguments
}

/** FFmpeg's, that sends by SRT. @param {object} to `address`, `port`, `mode`, `latencyMs`, `passphrase`, `streamId` */
function srtArguments ({ address, port, mode, latencyMs, passphrase, streamId }) {
  return [
    ...LIVE_INPUT, ...COPY, '-flush_packets', '1', '-muxdelay', '0', '-muxpreload', '0', '-pbkeylen', String(SRT_KEY_BYTES),
    ...(passphrase ? ['-passphrase', passphrase] : []), ...(streamId ? ['-srt_streamid', streamId] : []),
    '-f', 'mpegts', `srt://${address}:${port}?mode=${mode}&latency=${latencyMs * 1000}`
  ]
}

/** Kinds that are programmes of our own, with an FFmpeg of theirs; they tell of themselves in lines of JSON. */
const PROGRAMMES = { recording: path.join(__dirname, 'recording', 'main.js'), destination: path.join(__dirname, 'destinations', 'main.js') }
/** How long (ms) an output may take to finish what it was given; a recording is brought to S3 meanwhile. */
const FINISH_MS = 3000
const FINISH_MS_OF = { recording: 80_000 }

/**
 * The process that copies the encoded programme to one output; folders that it writes to are made.
 *
 * @param {object} output of the definition, with its `kind`, and the `codec`, `bitRate` and `format` of what it copies
 * @param {string} ffmpegPath
 * @returns {object} `command`, `args`, `definition` (for OUTPUT_DEFINITION in its environment), `finishMs`, `tells` (whether it writes lines of JSON
 *   on its standard output)
 */
function outputProcess (output, ffmpegPath) {
  const programme = PROGRAMMES[output.kind]
  // What is in the environment only this user reads; a definition may have a passphrase.
  if (programme) return { command: process.execPath, args: [programme], definition: JSON.stringify(output), finishMs: FINISH_MS_OF[output.kind] ?? FINISH_MS, tells: true }
  const args = ['-y', '-hide_banner', '-loglevel', 'level+warning', '-nostats', ...OUTPUTS[output.kind](output)]
  return { command: ffmpegPath, args, finishMs: FINISH_MS, tells: false }
}

module.exports = { LIVE_INPUT, outputProcess, srtArguments }
