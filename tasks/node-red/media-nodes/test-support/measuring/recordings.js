'use strict'

const { execFileSync, spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const { NutReader } = require('../../engine/sources/ingest/nut-reader')
const { readCode, ROWS, writeCode } = require('./bar-code')

const SAMPLE_RATE = 48_000

/**
 * Make a file of numbered pictures and a sound.
 *
 * @param {object} what `file`, `row` of its numbers, `frames`, `draw(bytes, number)` (more of the picture), `sound` (Float32Array)
 */
async function makeNumbered (ffmpegPath, format, { file, row, frames, draw = () => {}, sound }) {
  fs.writeFileSync(`${file}.raw`, Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength))
  const ffmpeg = spawn(ffmpegPath, [
    '-v', 'error', '-y', '-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', `${format.width}x${format.height}`, '-framerate', String(format.rate), '-i', 'pipe:0',
    '-f', 'f32le', '-sample_rate', String(SAMPLE_RATE), '-ch_layout', 'stereo', '-i', `${file}.raw`,
    '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '16', '-g', '25', '-c:a', 'pcm_s24le', '-f', 'mov', file
  ], { stdio: ['pipe', 'ignore', 'inherit'] })
  const bytes = Buffer.alloc(format.pictureBytes)
  for (let number = 0; number < frames; number++) {
    format.fill(bytes)
    draw(bytes, number)
    writeCode(bytes, format, row, number)
    if (!ffmpeg.stdin.write(Buffer.from(bytes))) await once(ffmpeg.stdin, 'drain')
  }
  ffmpeg.stdin.end()
  const [code] = await once(ffmpeg, 'close')
  if (code !== 0) throw new Error(`FFmpeg could not make ${file}`)
  fs.rmSync(`${file}.raw`)
}

/**
 * What a recording shows and when.
 *
 * @returns {{pictures: {seconds: number, bytes: Buffer}[], sound: Float32Array}} sound from second 0 on, silent where there is none
 */
function readRecording (ffmpegPath, file) {
  const nut = execFileSync(ffmpegPath, [
    '-v', 'error', '-i', file, '-map', '0:v:0', '-map', '0:a:0', '-fps_mode', 'passthrough', '-enc_time_base:v', 'demux', '-c:v', 'rawvideo', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_f32le', '-f', 'nut', '-write_index', '0', 'pipe:1'
  ], { maxBuffer: 2e9 })
  const [pictures, pieces] = [[], []]
  new NutReader({
    onStreams: () => {},
    take: (_, size) => new Uint8Array(size),
    onFrame: ({ kind, timeBase }, pts, memory) => {
      const seconds = pts * timeBase.numerator / timeBase.denominator
      if (kind === 'picture') pictures.push({ seconds, bytes: Buffer.from(memory.buffer) })
      else pieces.push({ at: 2 * Math.round(seconds * SAMPLE_RATE), samples: new Float32Array(memory.buffer) })
    }
  }).feed(nut)
  const sound = new Float32Array(Math.max(...pieces.map(({ at, samples }) => at + samples.length)))
  for (const { at, samples } of pieces) sound.set(samples, at)
  return { pictures, sound }
}

/**
 * The programme's own number of each picture, whichever sources are in it: pictures of two sources at once, in a mix, tell how their
 * numbers lie to each other. null where nothing can be read.
 */
function programmeNumbers (pictures, format) {
  const codes = pictures.map(({ bytes }) => Object.keys(ROWS).map((row) => readCode(bytes, format, row)))
  const offsets = [0, null, null]
  for (const seen of codes) {
    seen.forEach((number, row) => { if (number !== null && seen[0] !== null) offsets[row] ??= number - seen[0] })
  }
  return codes.map((seen) => {
    const row = seen.findIndex((number) => number !== null)
    return row < 0 || offsets[row] === null ? null : seen[row] - offsets[row]
  })
}

/** How many numbers between the first and the last are missing, and how many come more than once or out of order. */
function gapsOf (numbers) {
  let [missing, twice] = [0, 0]
  for (let at = 1; at < numbers.length; at++) {
    const step = numbers[at] - numbers[at - 1]
    if (step > 1) missing += step - 1
    else if (step < 1) twice += 1
  }
  return { missing, twice }
}

module.exports = { makeNumbered, readRecording, programmeNumbers, gapsOf }
