'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { LineSplitter } = require('../../../lib/line-splitter')
const { isStopped } = require('../../child-processes')
const { listenForEnd } = require('../programme-end')
const { fragmentArguments } = require('./fragment-arguments')
const { Fragments } = require('./fragments')
const { Packager } = require('./packager')

const WATCH_MS = 250

/** FFmpeg, which reads this process's own input. Somebody may stop it (SIGSTOP): nothing would ever come again. */
function fragmenter (ffmpegPath, codec) {
  const ffmpeg = spawn(ffmpegPath, fragmentArguments({ codec, keepsTime: true }), { stdio: ['inherit', 'pipe', 'pipe'] })
  const lines = new LineSplitter()
  ffmpeg.stderr.setEncoding('utf8').on('data', (chunk) => { for (const line of lines.feed(chunk)) console.error(line) })
  const watch = setInterval(() => { if (isStopped(ffmpeg.pid)) ffmpeg.kill('SIGKILL') }, WATCH_MS)
  ffmpeg.once('exit', () => clearInterval(watch))
  return ffmpeg
}

/**
 * Package the transport stream on this process's pipe 0, to its end. Something on pipe 3 before that means that the show is over.
 *
 * @param {object} store see Packager
 * @param {object} definition `segmentSeconds`, `groupSeconds`, `codec`, `ffmpegPath`
 * @param {(trouble: Error|null) => void} tell see Packager
 * @returns {Promise<{isOver: boolean}>} whether the show is over
 */
async function packageStream (store, { codec, ffmpegPath, segmentSeconds, groupSeconds }, tell) {
  const told = listenForEnd()
  const packager = new Packager(store, { segmentSeconds, groupSeconds }, Date.now, tell)
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
  return told
}

module.exports = { packageStream }
