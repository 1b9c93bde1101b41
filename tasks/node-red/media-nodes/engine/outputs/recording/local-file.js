'use strict'

const fs = require('node:fs/promises')
const path = require('node:path')
const { writeWithin } = require('../storage/disk-room')

/** A recording on the machine's own disk: whole pieces one after the other, so that it plays wherever it ends. */
class LocalFile {
  #file
  #reserveBytes
  #handle = null
  #bytes = 0

  /** @param {string} file which is made @param {number} reserveBytes that the disk keeps for what is on air */
  constructor (file, reserveBytes) {
    this.#file = file
    this.#reserveBytes = reserveBytes
  }

  /** @throws {NoRoom} and the file ends where it ended before */
  async add (bytes) {
    this.#handle ??= await fs.open(this.#file, 'w')
    try {
      await writeWithin(path.dirname(this.#file), bytes.length, this.#reserveBytes, () => this.#write(bytes))
    } catch (error) {
      await this.#handle.truncate(this.#bytes)
      throw error
    }
    this.#bytes += bytes.length
  }

  async close () {
    await this.#handle?.close()
  }

  async #write (bytes) {
    for (let at = 0; at < bytes.length;) at += (await this.#handle.write(bytes, at, bytes.length - at, this.#bytes + at)).bytesWritten
  }
}

module.exports = { LocalFile }
