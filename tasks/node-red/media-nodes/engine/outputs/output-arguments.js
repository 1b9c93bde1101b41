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
const PACKAGER = path.join(__dirname, 'packaging', 'main.js')

/** What is a program of ours, with the FFmpeg that it starts; it tells its state. */
const PROGRAMS = {
  hls: ({ folder, segmentSeconds, groupSeconds, codec }, ffmpegPath) => [PACKAGER, JSON.stringify({ folder, segmentSeconds, groupSeconds, codec, ffmpegPath })]
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
  const own = PROGRAMS[output.kind]
  if (own) return { name: 'The packager', program: process.execPath, args: own(output, ffmpegPath), tells: true }
  return { name: 'FFmpeg', program: ffmpegPath, args: outputArguments(output), tells: false }
}

/** So much of what has come already a new process of an output is given again: it knows what the one before has finished. */
function repeatedSeconds ({ kind, segmentSeconds }) {
  return kind === 'hls' ? segmentSeconds + PACKAGER_BACK_SECONDS : 0
}

module.exports = { outputArguments, outputCommand, repeatedSeconds }
