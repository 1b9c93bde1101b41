'use strict'

const { execFileSync } = require('node:child_process')

/** The FFmpeg to test with: FFMPEG_PATH, else the one of the Python package imageio-ffmpeg. */
function realFfmpeg () {
  if (process.env.FFMPEG_PATH) return process.env.FFMPEG_PATH
  return execFileSync('python', ['-c', 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())'], { encoding: 'utf8' }).trim()
}

/** The mean colour [red, green, blue] (0..255) of every fifth frame of a file. */
function coloursOf (ffmpeg, file) {
  const raw = execFileSync(ffmpeg, [
    '-v', 'error', '-i', file, '-vf', "select='not(mod(n,5))',scale=1:1:flags=area", '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'
  ])
  return Array.from({ length: raw.length / 3 }, (_, index) => [...raw.subarray(index * 3, index * 3 + 3)])
}

module.exports = { realFfmpeg, coloursOf }
