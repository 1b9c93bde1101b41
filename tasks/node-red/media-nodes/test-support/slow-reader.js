'use strict'

/**
 * Stands in for an output's FFmpeg: reads nothing of what it is given until it gets SIGUSR2, then writes all of it to the file that its
 * last argument names, and ends when its input does.
 */

const fs = require('node:fs')

const file = process.argv.at(-1)
const waiting = setInterval(() => {}, 1000)
process.once('SIGUSR2', () => {
  clearInterval(waiting)
  process.stdin.pipe(fs.createWriteStream(file))
})
fs.writeFileSync(`${file}.begun`, String(process.pid))
