'use strict'

const { execFileSync, spawn } = require('node:child_process')
const { once } = require('node:events')
const { encoderArguments } = require('../../engine/outputs/encoder-arguments')

/**
 * What the programme's encoder makes of pictures and sound, without a clock.
 *
 * @param {object} encoder see `encoderArguments`
 * @param {PictureFormat} format
 * @param {number} [first] number of the first frame on the production's clock
 * @returns {Promise<{stream: Buffer, sizes: number[], errors: string}>}
 */
async function encode (ffmpegPath, encoder, format, pictures, sound, first = 0) {
  const ffmpeg = spawn(ffmpegPath, encoderArguments(encoder, format, first), { stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'] })
  const told = ['', '']
  const chunks = []
  ffmpeg.stdout.on('data', (chunk) => chunks.push(chunk))
  ;[ffmpeg.stderr, ffmpeg.stdio[4]].forEach((pipe, index) => pipe.setEncoding('utf8').on('data', (text) => { told[index] += text }))
  ffmpeg.stdio[3].end(Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength))
  ffmpeg.stdin.end(Buffer.concat(pictures))
  await once(ffmpeg, 'close')
  const [errors, sizes] = told
  return { stream: Buffer.concat(chunks), sizes: sizes.trim().split('\n').map(Number), errors }
}

/** What FFmpeg decodes of a file or stream: `pictures` (yuv420p, one a frame), `sound` (samples, left and right by turns). */
function decode (ffmpegPath, input, format) {
  const ffmpeg = (...args) => execFileSync(ffmpegPath, ['-v', 'error', '-i', Buffer.isBuffer(input) ? 'pipe:0' : input, ...args, 'pipe:1'],
    { input: Buffer.isBuffer(input) ? input : undefined, maxBuffer: 1e9, stdio: ['pipe', 'pipe', 'inherit'] })
  const raw = ffmpeg('-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'yuv420p')
  const pictures = Array.from({ length: raw.length / format.pictureBytes }, (_, number) => raw.subarray(number * format.pictureBytes, (number + 1) * format.pictureBytes))
  const samples = ffmpeg('-map', '0:a:0', '-f', 'f32le', '-c:a', 'pcm_f32le')
  return { pictures, sound: new Float32Array(samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.byteLength)) }
}

/** How FFmpeg describes the streams of an input. */
function describe (ffmpegPath, file) {
  try {
    execFileSync(ffmpegPath, ['-hide_banner', '-i', file], { encoding: 'utf8', stdio: 'pipe' })
  } catch ({ stderr }) {
    return stderr
  }
}

module.exports = { encode, decode, describe }
