'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** Where a recording goes: the name itself, or name-2, name-3, … when a file of that name is there already. */
function freePath (folder, fileName) {
  const { name, ext } = path.parse(fileName)
  for (let number = 1; ; number++) {
    const candidate = path.join(folder, number === 1 ? fileName : `${name}-${number}${ext}`)
    if (!fs.existsSync(candidate)) return candidate
  }
}

/**
 * Make the folders a chain writes to and choose the files of its recordings.
 *
 * @returns {object} {id of a media-file-out: path of a file that does not exist yet}
 */
function prepareFiles (chain, mediaDir) {
  const outputs = chain.encoders.flatMap((encoder) => encoder.outputs)
  if (outputs.length > 0) fs.mkdirSync(path.join(mediaDir, 'hls'), { recursive: true })
  const files = {}
  for (const output of outputs.filter(({ type }) => type === 'media-file-out')) {
    files[output.id] = freePath(mediaDir, output.fileName)
  }
  return files
}

module.exports = { prepareFiles }
