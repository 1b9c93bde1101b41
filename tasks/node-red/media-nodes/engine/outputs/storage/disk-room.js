'use strict'

const fs = require('node:fs/promises')

/** Neither the disk nor this user's share of it takes more. */
const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** There is no room for what is to be kept: the ring is full, or the disk. */
class NoRoom extends Error {
  constructor (message, options) {
    super(message, options)
    this.name = 'NoRoom'
  }
}

/**
 * Write into a folder whose disk is to keep `reserveBytes` for what is on air.
 *
 * @param {string} folder
 * @param {number} bytes that are written
 * @param {number} reserveBytes
 * @param {() => Promise<void>} write
 * @throws {NoRoom} and it may have written a part
 */
async function writeWithin (folder, bytes, reserveBytes, write) {
  const { bavail, bsize } = await fs.statfs(folder)
  const free = bavail * bsize
  if (free - bytes < reserveBytes) {
    throw new NoRoom(`the disk has ${Math.round(free / 1e6)} MB left, which are for what is on air: what comes now is not kept`)
  }
  try {
    await write()
  } catch (error) {
    if (FULL.has(error.code)) throw new NoRoom('the disk is full: what comes now is not kept')
    throw error
  }
}

module.exports = { FULL, NoRoom, writeWithin }
