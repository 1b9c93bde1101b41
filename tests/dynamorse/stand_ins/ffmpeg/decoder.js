'use strict'

const { spawn } = require('child_process')
const registerValve = require('./valve-common.js')

/** H.264 by FFmpeg. Refuses what codecadon 0.1.18 refuses: raw pictures above all (src/Decoder.cc:77). */
module.exports = (RED) => registerValve(RED, 'decoder', () => {
  let child = null
  let bytes = Buffer.alloc(0)
  let length
  return {
    setInfo (tags) {
      if (!['h264', 'vp8'].includes(tags.encodingName)) throw new Error(`Unsupported source encoding '${tags.encodingName}'`)
      length = tags.width * tags.height * 3 / 2
      child = spawn(require('./ffmpeg-path.json'), [
        '-loglevel', 'error', '-flags', 'low_delay', '-probesize', '5000', '-f', 'h264', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'
      ], { stdio: ['pipe', 'pipe', 'inherit'] })
      child.stdin.on('error', () => {})
      child.stdout.on('data', (chunk) => { bytes = Buffer.concat([bytes, chunk]) })
      return Object.assign({}, tags, { packing: '420P', encodingName: 'raw', sampling: 'YCbCr-4:2:0' })
    },
    process (picture, done) {
      child.stdin.write(picture, () => {
        if (bytes.length < length) return done(null)
        const decoded = bytes.slice(0, length)
        bytes = bytes.slice(length)
        done(null, decoded)
      })
    },
    close () {
      if (child) child.kill('SIGKILL')
    }
  }
})
