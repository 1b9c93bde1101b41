'use strict'

const path = require('node:path')
const { LIVE_INPUT, QUIET } = require('./stream-input')

const SRT_KEY_BYTES = 16
/** What is read at once, at the most; SRT sends seven packets of a transport stream at once, whatever it is given. */
const READ_BYTES = 65_536

/** With what a browser's connection adds, no packet is larger than any network bears. */
const RTP_BYTES = 1200
const RTP_SIZE = "scale=w='2*trunc(iw*min(1,sqrt(230400/(iw*ih)))/2)':h='2*trunc(ih*min(1,sqrt(230400/(iw*ih)))/2)',format=yuv420p"
const COPY = ['-map', '0', '-c', 'copy']

const OUTPUTS = {
  /** Key pictures only, written beside and renamed, so that nobody ever reads half a picture. */
  still ({ file }) {
    return [
      '-skip_frame', 'nokey', ...LIVE_INPUT, '-map', '0:v:0', '-an', '-vf', 'fps=1', '-c:v', 'mjpeg', '-q:v', '4',
      '-f', 'image2', '-update', '1', '-atomic_writing', '1', file
    ]
  },
  /** Small and quick: what every browser decodes, about 640x360 in the programme's shape, at its rate. */
  rtp ({ videoPort, audioPort }) {
    const to = (port) => ['-f', 'rtp', `rtp://127.0.0.1:${port}?pkt_size=${RTP_BYTES}`]
    return [
      '-threads', '1', ...LIVE_INPUT,
      // It takes a transport stream's 25 pictures a second for 50, and would double each.
      '-map', '0:v:0', '-fps_mode', 'passthrough', '-vf', RTP_SIZE, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-threads', '1',
      '-g', '25', '-x264-params', 'repeat-headers=1', '-b:v', '1200000', '-maxrate', '1200000', '-bufsize', '300000', ...to(videoPort),
      '-map', '0:a:0', '-c:a', 'libopus', '-application', 'lowdelay', '-frame_duration', '20', '-ac', '2', '-b:a', '96000', ...to(audioPort)
    ]
  },
  /** A link takes the bytes as they are: to take them apart would hold pictures back. */
  srt (to) {
    return ['-f', 'data', '-raw_packet_size', String(READ_BYTES), '-i', 'pipe:0', '-map', '0', '-c', 'copy', '-flush_packets', '1', ...srtOf(to, 'data')]
  }
}

/** FFmpeg's, that sends by SRT. @param {object} to `address`, `port`, `mode`, `latencyMs`, `passphrase`, `streamId` */
function srtArguments ({ address, port, mode, latencyMs, passphrase, streamId }) {
  return [...LIVE_INPUT, ...COPY, '-flush_packets', '1', '-muxdelay', '0', '-muxpreload', '0', ...srtOf({ address, port, mode, latencyMs, passphrase, streamId }, 'mpegts')]
}

function srtOf ({ address, port, mode, latencyMs, passphrase, streamId }, format) {
  return [
    '-pbkeylen', String(SRT_KEY_BYTES), ...(passphrase ? ['-passphrase', passphrase] : []), ...(streamId ? ['-srt_streamid', streamId] : []),
    '-f', format, `srt://${address}:${port}?mode=${mode}&latency=${latencyMs * 1000}`
  ]
}

/** So soon another packager has begun in the place of one that died. */
const PACKAGER_BACK_SECONDS = 3
/** How long (ms) an output may take to finish what it was given; what goes to S3 is brought there meanwhile. */
const [FINISH_MS, S3_FINISH_MS] = [3000, 80_000]

/** What is a program of ours, with the FFmpeg that it starts: its room, and how long it may take to finish. It tells its state. */
const PROGRAMS = {
  hls: { name: 'The packager', room: 'packaging' },
  publish: { name: 'The publisher', room: 'publishing', finishMs: S3_FINISH_MS },
  webrtc: { name: 'The low-latency view', room: 'webrtc' },
  recording: { name: 'The recorder', room: 'recording', finishMs: S3_FINISH_MS },
  destination: { name: 'The sender', room: 'destinations' }
}

/**
 * The arguments of the FFmpeg that copies the encoded programme to one output.
 *
 * @param {object} output of the definition, with its `kind`, and the `codec` and `groupSeconds` of what it copies
 * @returns {string[]}
 */
function outputArguments (output) {
  return ['-y', ...QUIET, ...OUTPUTS[output.kind](output)]
}

/**
 * The process of one output.
 *
 * @param {object} output see `outputArguments`; and `bitRate` and `format` of what it copies
 * @returns {{name: string, program: string, args: string[], environment: object, finishMs: number, tells: boolean}} whether it `tells`: lines of JSON
 *   with its `state` (and `lastError`, and what else is to be known) on pipe 1, and something on pipe 3 means to it that the programme is over
 */
function outputCommand (output, ffmpegPath) {
  if (!Object.hasOwn(PROGRAMS, output.kind)) {
    return { name: 'FFmpeg', program: ffmpegPath, args: outputArguments(output), environment: {}, finishMs: FINISH_MS, tells: false }
  }
  const { name, room, finishMs = FINISH_MS } = PROGRAMS[output.kind]
  // Only this user reads a process's environment; a definition may have a passphrase.
  const environment = { OUTPUT_DEFINITION: JSON.stringify({ ...output, ffmpegPath }) }
  return { name, program: process.execPath, args: [path.join(__dirname, room, 'main.js')], environment, finishMs, tells: true }
}

/** So much of what has come already a new process of an output is given again: it knows what the one before has finished. */
function repeatedSeconds ({ kind, segmentSeconds }) {
  return kind === 'hls' || kind === 'publish' ? segmentSeconds + PACKAGER_BACK_SECONDS : 0
}

module.exports = { outputArguments, outputCommand, repeatedSeconds, srtArguments }
