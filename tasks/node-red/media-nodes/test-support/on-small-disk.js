'use strict'

/**
 * An HLS output on a disk that somebody else fills up: `node on-small-disk.js FFMPEG DISK STREAM`, where DISK is the folder of a small disk
 * and STREAM a transport stream whose segments are of a second, in groups of 0.2 s.
 *
 * Prints, as JSON, the playlist before, while the disk is full, and after there is room again; the output's states, its errors; and
 * the files that are left.
 */

const fs = require('node:fs')
const path = require('node:path')
const { Output } = require('../engine/outputs/output')
const { EntryPoints } = require('../engine/outputs/transport-stream')
const { eventually } = require('./eventually')
const { realTime } = require('./measuring/conformed')

/** More than any disk of a test has. */
const BALLAST_BYTES = 10_000_000

function fill (file) {
  try {
    fs.appendFileSync(file, Buffer.alloc(BALLAST_BYTES))
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error
  }
}

async function main ([ffmpegPath, disk, stream]) {
  const pieces = new EntryPoints(1e8).feed(fs.readFileSync(stream))
  const folder = path.join(disk, 'hls')
  const playlist = () => fs.existsSync(path.join(folder, 'live.m3u8')) ? fs.readFileSync(path.join(folder, 'live.m3u8'), 'utf8') : ''
  const segments = () => playlist().match(/#EXTINF/g)?.length ?? 0
  const count = () => Number(/MEDIA-SEQUENCE:(\d+)/.exec(playlist())?.[1]) + segments()
  const output = new Output({ name: 'stream', kind: 'hls', folder, segmentSeconds: 1, groupSeconds: 0.2, codec: 'h264' }, ffmpegPath, () => null, realTime)
  const told = { states: [], errors: [] }
  output.on('change', () => told.states.push(output.state))
  output.on('trouble', (text) => told.errors.push(text))
  output.start()
  const send = (from, to) => { for (const piece of pieces.slice(pieces.length * from, pieces.length * to)) output.send(piece) }

  // The least that is kept: nothing can be given up for more.
  send(0, 0.25)
  await eventually('two segments', () => segments() === 2)
  told.before = playlist()
  const ballast = path.join(disk, 'ballast')
  fill(ballast)
  send(0.25, 0.7)
  await eventually('it is told', () => output.state === 'full')
  told.whileFull = playlist()
  fs.rmSync(ballast)
  const begun = count()
  send(0.7, 1)
  await eventually('there is room again', () => output.state === 'sending' && count() > begun)
  await output.stop()
  console.log(JSON.stringify({ ...told, after: playlist(), files: fs.readdirSync(folder) }))
}

main(process.argv.slice(2))
