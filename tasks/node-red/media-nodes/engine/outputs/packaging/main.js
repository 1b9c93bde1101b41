'use strict'

/**
 * A packager's process, of which OUTPUT_DEFINITION tells: JSON with `folder`, and what `packageStream` takes; where there are renditions
 * `rendition` (its number), `renditions` (how many), `ladder` (a folder of all), `bitRate` and `format`.
 *
 * It makes HLS in `folder` of the transport stream on pipe 0, and tells on pipe 1, a line of JSON each time, its `state` and its
 * `lastError`.
 */

const { FolderStore } = require('../storage/folder-store')
const { Ladder } = require('./ladder')
const { LadderStore } = require('./ladder-store')
const { packageStream } = require('./run')

function storeOf ({ folder, rendition: number, renditions, ladder, bitRate, format }) {
  if (number === undefined) return new FolderStore(folder)
  const { width, height, frameRate } = format
  return new LadderStore(folder, new Ladder(ladder, renditions), { number, bitRate, width, height, frameRate })
}

async function main ({ OUTPUT_DEFINITION }) {
  const definition = JSON.parse(OUTPUT_DEFINITION)
  const tell = (trouble) => console.log(JSON.stringify(trouble ? { state: 'full', lastError: `${trouble.name}: ${trouble.message}` } : { state: 'sending' }))
  await packageStream(storeOf(definition), definition, tell)
}

main(process.env).then(() => process.exit(0), (error) => {
  console.error(`[fatal] ${error.message}`)
  process.exit(1)
})
