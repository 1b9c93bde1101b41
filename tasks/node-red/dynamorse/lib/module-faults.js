'use strict'

const fs = require('fs')
const path = require('path')

/** Of published modules, what they are known to do wrong, by module and file. */
const KNOWN = {
  'node-red-contrib-dynamorse-file-io/12-cloud-store-out.js': 'the promise of its S3 stream gives nothing back (a `return` is missing), so nothing is stored and the encoder stands still',
  'node-red-contrib-dynamorse-file-io/cloud-store-out.js': 'the promise of its S3 stream gives nothing back (a `return` is missing), so nothing is stored and the encoder stands still'
}

/** The first file of a module in a stack: its module's folder, and its own name. */
const IN_A_MODULE = /\(?(\/[^():\n]*\/node_modules\/((?:@[^/():\n]+\/)?[^/():\n]+))\/([^():\n]+):\d+:\d+/

/** Which module's code a promise was rejected in that nobody waits for, or null if it is none of a module. */
function faultOf (reason) {
  const place = IN_A_MODULE.exec((reason && reason.stack) || '')
  if (!place) return null
  const [, folder, module, file] = place
  const name = path.basename(file)
  return { module, version: versionOf(folder), file: name, message: String(reason.message), known: KNOWN[`${module}/${name}`] || null }
}

function versionOf (folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'))).version
  } catch (error) {
    return 'of no known version'
  }
}

/** Keeps what modules get wrong in promises that nobody waits for; Node.js 12 only warns of them. */
function watchRejections () {
  const faults = []
  process.on('unhandledRejection', (reason) => {
    console.error(reason)
    const fault = faultOf(reason)
    const isNew = fault && !faults.some(({ module, file, message }) => module === fault.module && file === fault.file && message === fault.message)
    if (isNew) faults.push(fault)
  })
  return faults
}

module.exports = { faultOf, watchRejections }
