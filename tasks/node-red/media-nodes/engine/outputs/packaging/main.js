'use strict'

/**
 * A packager's process, of which OUTPUT_DEFINITION tells: JSON with `folder`, `segmentSeconds`, `groupSeconds`, `codec`, `ffmpegPath`.
 *
 * It makes HLS in `folder` of the transport stream on pipe 0, and tells on pipe 1, a line of JSON each time, its `state` and its
 * `lastError`. Something on pipe 3 before the stream's end means that the show is over.
 */

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const net = require('node:net')
const { LineSplitter } = require('../../../lib/line-splitter')
const { isStopped } = require('../../child-processes')
const { fragmentArguments } = require('./fragment-arguments')
const { Fragments } = require('./fragments')
const { FolderStore } = require('./folder-store')
const { Packager } = require('./packager')

const WATCH_MS = 250

/** Whoever started this closes the pipe when the stream ends, whether or not there was something to say. */
function listenForEnd () {
  const control = new net.Socket({ fd: 3, readable: true, writable: false })
  const told = { isOver: false, isClosed: once(control, 'close') }
  control.on('data', () => { told.isOver = true })
  control.on('error', () => {})
  return told
}

/** FFmpeg, which reads this process's own input. Somebody may stop it (SIGSTOP): nothing would ever come again. */
function fragmenter (ffmpegPath, codec) {
  const ffmpeg = spawn(ffmpegPath, fragmentArguments({ codec, keepsTime: true }), { stdio: ['inherit', 'pipe', 'pipe'] })
  const lines = new LineSplitter()
  ffmpeg.stderr.setEncoding('utf8').on('data', (chunk) => { for (const line of lines.feed(chunk)) console.error(line) })
  const watch = setInterval(() => { if (isStopped(ffmpeg.pid)) ffmpeg.kill('SIGKILL') }, WATCH_MS)
  ffmpeg.once('exit', () => clearInterval(watch))
  return ffmpeg
}

async function main ({ OUTPUT_DEFINITION: definition }) {
  const { folder, codec, ffmpegPath, segmentSeconds, groupSeconds } = JSON.parse(definition)
  const told = listenForEnd()
  const tell = (trouble) => console.log(JSON.stringify(trouble ? { state: 'full', lastError: `${trouble.name}: ${trouble.message}` } : { state: 'sending' }))
  const packager = new Packager(new FolderStore(folder), { segmentSeconds, groupSeconds }, Date.now, tell)
  await packager.open()
  const ffmpeg = fragmenter(ffmpegPath, codec)
  const ended = once(ffmpeg, 'close')
  const fragments = new Fragments()
  for await (const chunk of ffmpeg.stdout) {
    for (const piece of fragments.feed(chunk)) await packager.take(piece)
  }
  const [code, signal] = await ended
  if (code === 0) await told.isClosed
  await packager.end(told)
  if (code !== 0) throw new Error(`FFmpeg ended ${signal ? `by ${signal}` : `with exit code ${code}`}`)
}

main(process.env).then(() => process.exit(0), (error) => {
  console.error(`[fatal] ${error.message}`)
  process.exit(1)
})
