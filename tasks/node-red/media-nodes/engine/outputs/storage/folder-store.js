'use strict'

const fs = require('node:fs/promises')
const path = require('node:path')
const { FULL, NoRoom } = require('./disk-room')

/** A folder that takes what is published, each file whole: it is written beside, and renamed. */
class FolderStore {
  #folder

  /** @param {string} folder which is made */
  constructor (folder) {
    this.#folder = folder
  }

  /** @returns {Promise<Buffer|null>} null when it is not there */
  async get (name) {
    return fs.readFile(path.join(this.#folder, name)).catch((error) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
  }

  /**
   * Put `bytes` there by a name, in place of what was.
   *
   * @throws {NoRoom} and what was is left whole
   */
  async put (name, bytes) {
    const file = path.join(this.#folder, name)
    const beside = `${file}.part`
    try {
      await fs.mkdir(this.#folder, { recursive: true })
      await fs.writeFile(beside, bytes)
      await fs.rename(beside, file)
    } catch (error) {
      await fs.rm(beside, { force: true })
      throw FULL.has(error.code) ? new NoRoom('the disk is full. Make room on it, or record somewhere else.', { cause: error }) : error
    }
  }

  /** What is not there has been removed already. */
  async remove (name) {
    await fs.rm(path.join(this.#folder, name), { force: true })
  }
}

module.exports = { FolderStore }
