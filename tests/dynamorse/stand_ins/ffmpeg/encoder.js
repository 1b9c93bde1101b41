'use strict'

const { spawn } = require('child_process')
const registerValve = require('./valve-common.js')

const START = Buffer.from([0, 0, 0, 1, 9]) // of a picture: its access unit delimiter

/** H.264 by FFmpeg. Refuses what codecadon 0.1.18 refuses (src/Encoder.cc:101, 106, 112). */
module.exports = (RED) => registerValve(RED, 'encoder', (config) => {
  let child = null
  let bytes = Buffer.alloc(0)
  const pictures = []
  return {
    setInfo (tags, grain) {
      if (!['420P', 'YUV422P10', 'pgroup', 'v210'].includes(tags.packing)) throw new Error(`Unsupported source format '${tags.packing}'`)
      if (config.dstFormat !== 'h264') throw new Error(`Unsupported codec type '${config.dstFormat}'`)
      if (tags.width % 2) throw new Error(`Width must be divisible by 2 - src ${tags.width}`)
      child = spawn(require('./ffmpeg-path.json'), [
        '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${tags.width}x${tags.height}`,
        '-framerate', `${grain.duration[1]}/${grain.duration[0]}`, '-i', 'pipe:0', '-c:v', 'libx264', '-preset', 'ultrafast',
        '-tune', 'zerolatency', '-b:v', String(config.bitrate), '-g', String(config.gopFrames), '-x264-params', 'aud=1',
        '-f', 'h264', 'pipe:1'
      ], { stdio: ['pipe', 'pipe', 'inherit'] })
      child.stdin.on('error', () => {})
      child.stdout.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk])
        for (let next; (next = bytes.indexOf(START, START.length)) > 0; bytes = bytes.slice(next)) pictures.push(bytes.slice(0, next))
      })
      return Object.assign({}, tags, { packing: 'h264', encodingName: 'h264', sampling: 'YCbCr-4:2:0' })
    },
    process (picture, done) {
      child.stdin.write(picture, () => done(null, pictures.shift()))
    },
    close () {
      if (child) child.kill('SIGKILL')
    }
  }
})
