'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { LIVE_INPUT, PATIENT_INPUT, QUIET } = require('./stream-input')

const SRT_KEY_BYTES = 16

/** Where a recording goes: the name itself, or name-2, name-3, … when a file of that name is there already. */
function freePath (folder, fileName) {
  const { name, ext } = path.parse(fileName)
  for (let number = 1; ; number++) {
    const candidate = path.join(folder, number === 1 ? fileName : `${name}-${number}${ext}`)
    if (!fs.existsSync(candidate)) return candidate
  }
}

/** With what a browser's connection adds, no packet is larger than any network bears. */
const RTP_BYTES = 1200
const RTP_SIZE = "scale=w='2*trunc(iw*min(1,sqrt(230400/(iw*ih)))/2)':h='2*trunc(ih*min(1,sqrt(230400/(iw*ih)))/2)',format=yuv420p"
const COPY = ['-map', '0', '-c', 'copy']

const OUTPUTS = {
  /** Fragments, written out at once, make the file playable when the process is killed: a group of pictures is lost at most. */
  file ({ folder, fileName, codec }) {
    const file = freePath(folder, fileName)
    // Players of Apple's know HEVC by this tag alone.
    const tag = codec === 'hevc' ? ['-tag:v', 'hvc1'] : []
    return [...PATIENT_INPUT, ...COPY, ...tag, '-bsf:a', 'aac_adtstoasc', '-movflags', '+frag_keyframe+delay_moov+default_base_moof', '-flush_packets', '1', '-f', 'mp4', file]
  },
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
      '-fflags', 'nobuffer', '-threads', '1', ...LIVE_INPUT,
      // It takes a transport stream's 25 pictures a second for 50, and would double each.
      '-map', '0:v:0', '-fps_mode', 'passthrough', '-vf', RTP_SIZE, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-threads', '1',
      '-g', '25', '-x264-params', 'repeat-headers=1', '-b:v', '1200000', '-maxrate', '1200000', '-bufsize', '300000', ...to(videoPort),
      '-map', '0:a:0', '-c:a', 'libopus', '-application', 'lowdelay', '-frame_duration', '20', '-ac', '2', '-b:a', '96000', ...to(audioPort)
    ]
  },
  srt ({ address, port, mode, latencyMs, passphrase, streamId }) {
    return [
      ...LIVE_INPUT, ...COPY, '-flush_packets', '1', '-muxdelay', '0', '-muxpreload', '0', '-pbkeylen', String(SRT_KEY_BYTES),
      ...(passphrase ? ['-passphrase', passphrase] : []), ...(streamId ? ['-srt_streamid', streamId] : []),
      '-f', 'mpegts', `srt://${address}:${port}?mode=${mode}&latency=${latencyMs * 1000}`
    ]
  }
}

/** So soon another packager has begun in the place of one that died. */
const PACKAGER_BACK_SECONDS = 3
const [PACKAGER, LOW_LATENCY] = ['packaging', 'webrtc'].map((room) => path.join(__dirname, room, 'main.js'))

/** What is a program of ours, with the FFmpeg that it starts; it tells its state. */
const PROGRAMS = {
  hls: ({ folder, segmentSeconds, groupSeconds, codec }) => ({ name: 'The packager', file: PACKAGER, options: { folder, segmentSeconds, groupSeconds, codec } }),
  webrtc: ({ address, port, signalAddress, signalPort }) => ({ name: 'The low-latency view', file: LOW_LATENCY, options: { address, port, signalAddress, signalPort } })
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
 * @param {object} output see `outputArguments`
 * @returns {{name: string, program: string, args: string[], tells: boolean}} whether it `tells`: lines of JSON with its `state`
 *   (and `lastError`) on pipe 1, and something on pipe 3 means to it that the programme is over
 */
function outputCommand (output, ffmpegPath) {
  if (Object.hasOwn(PROGRAMS, output.kind)) {
    const { name, file, options } = PROGRAMS[output.kind](output)
    return { name, program: process.execPath, args: [file, JSON.stringify({ ...options, ffmpegPath })], tells: true }
  }
  return { name: 'FFmpeg', program: ffmpegPath, args: outputArguments(output), tells: false }
}

/** So much of what has come already a new process of an output is given again: it knows what the one before has finished. */
function repeatedSeconds ({ kind, segmentSeconds }) {
  return kind === 'hls' ? segmentSeconds + PACKAGER_BACK_SECONDS : 0
}

module.exports = { outputArguments, outputCommand, repeatedSeconds }
