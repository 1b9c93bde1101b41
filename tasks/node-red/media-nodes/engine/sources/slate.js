'use strict'

const { execFile } = require('node:child_process')
const { promisify } = require('node:util')
const { drawText } = require('./draw-text')

const run = promisify(execFile)
const COLOUR = '0x202838'

/** The arguments of the FFmpeg that draws a slate: one raw picture comes out on pipe 1. */
function slateArguments ({ name }, { font, format }) {
  const { width, height, colours } = format
  const filters = [
    drawText(name, { font, size: height / 10, y: 'h*0.42' }),
    drawText('no signal', { font, size: height / 16, y: 'h*0.56' }),
    `scale=out_color_matrix=${colours.matrix}:out_range=limited`, 'format=yuv420p'
  ]
  return [
    '-nostdin', '-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', `color=color=${COLOUR}:size=${width}x${height}`,
    '-vf', filters.join(','), '-frames:v', '1', '-f', 'rawvideo', 'pipe:1'
  ]
}

/**
 * Draw the standard slate of a source: its name, and that there is no signal.
 *
 * @param {object} source `name`
 * @param {object} place `ffmpegPath`, `font`, `format`, `pool`
 * @returns {Promise<Picture>} held once
 */
async function makeSlate (source, place) {
  const { ffmpegPath, pool } = place
  const { stdout } = await run(ffmpegPath, slateArguments(source, place), { encoding: 'buffer', maxBuffer: 2 * pool.pictureBytes })
  const picture = pool.take()
  picture.bytes.set(stdout)
  return picture
}

module.exports = { makeSlate, slateArguments }
