#!/usr/bin/env node
'use strict'

/** Stands in for FFmpeg where its behaviour must be chosen: the environment variable FAKE_FFMPEG says which. */
const fs = require('node:fs')

const [behaviour, file] = (process.env.FAKE_FFMPEG ?? '').split(' ')

function report (frame) {
  fs.writeSync(1, `frame=${frame}\nfps=25\ndup_frames=0\ndrop_frames=1\nspeed=1.0x\nprogress=continue\n`)
}

const behaviours = {
  fail () {
    fs.writeSync(2, '[srt @ 0x1] [error] Connection to srt://h:1?passphrase=very-secret-word failed\n[error] and so on\n')
    process.exit(1)
  },
  deaf () {
    process.on('SIGTERM', () => {})
    process.stdin.resume()
    report(1)
  },
  commands () {
    process.stdin.on('data', (chunk) => {
      fs.appendFileSync(file, chunk)
      if (String(chunk).includes('q')) process.exit(0)
    })
    report(1)
  },
  frames () {
    fs.writeSync(3, '1000\n500\n')
    report(2)
    process.exit(1)
  }
}
behaviours[behaviour]()
