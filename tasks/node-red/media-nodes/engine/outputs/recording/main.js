'use strict'

/**
 * The process of one recording, of which OUTPUT_DEFINITION tells, with the programme's transport stream on its standard input.
 *
 * An FFmpeg of its own copies it into fragments; they are kept piece by piece, in a folder or in S3. Each second a line of JSON on standard
 * output tells how it goes; what ends it is an `[error]` line on standard error.
 */

const { spawn } = require('node:child_process')
const { LineSplitter } = require('../../../lib/line-splitter')
const { Recording } = require('./recording')

const TELL_MS = 1000

const time = { setTimeout: (action, ms) => setTimeout(action, ms) }

async function main ({ OUTPUT_DEFINITION: definition, ...environment }) {
  const recording = new Recording(JSON.parse(definition), environment, time)
  const tell = () => process.stdout.write(JSON.stringify(recording.figures) + '\n')
  process.stdout.on('error', () => {}) // who listened is gone: what is there is still finished
  const timer = setInterval(tell, TELL_MS)
  await recording.open()
  // The engine's pipe is FFmpeg's own: nothing waits here.
  const muxer = spawn(recording.ffmpegPath, recording.muxerArguments, { stdio: ['inherit', 'pipe', 'pipe'] })
  const lines = new LineSplitter()
  muxer.stderr.setEncoding('utf8').on('data', (chunk) => {
    for (const line of lines.feed(chunk)) if (!recording.read(line)) process.stderr.write(`${line}\n`)
  })
  const ended = new Promise((resolve, reject) => {
    muxer.on('error', reject)
    muxer.on('close', (code, signal) => resolve(code === 0 ? null : signal ?? `exit code ${code}`))
  })
  await Promise.race([recording.lost, recording.take(muxer.stdout)])
  const how = await ended
  // What has come is safe, and finished by the process that takes this one's place.
  if (how !== null) throw new Error(`the muxer of the recording ended by ${how}`)
  await recording.finish()
  clearInterval(timer)
  tell()
}

main(process.env).catch((error) => {
  process.stderr.write(`[error] ${error.message}\n`)
  process.exit(1)
})
