'use strict'

const fs = require('node:fs/promises')
const path = require('node:path')
const { NoRoom } = require('../storage/disk-room')

const NAME = /^(\d{12})-(.+)$/

/**
 * Files that are to be sent, in the order in which they came: on disk, so that they outlive the process, and never more than so many bytes.
 *
 * Each is a hard link to what was written elsewhere, so it costs no room of its own while that is there.
 */
class Outbox {
  /** Oldest first: `name`, `bytes`, `at` (when it came, ms since 1970), `file`. */
  waiting = []
  #folder
  #mostBytes
  #now
  #next = 1

  /**
   * @param {string} folder of this outbox alone
   * @param {number} mostBytes that wait at a time
   * @param {() => number} now ms since 1970
   */
  constructor (folder, mostBytes, now) {
    this.#folder = folder
    this.#mostBytes = mostBytes
    this.#now = now
  }

  /** Make the folder, and find what a process that was here before has not sent. */
  async open () {
    await fs.mkdir(this.#folder, { recursive: true })
    const names = (await fs.readdir(this.#folder)).filter((name) => NAME.test(name)).sort()
    this.waiting = (await Promise.all(names.map(async (found) => {
      const file = path.join(this.#folder, found)
      const told = await fs.stat(file).catch(() => null)
      return told && { name: NAME.exec(found)[2], bytes: told.size, at: told.mtimeMs, file }
    }))).filter(Boolean)
    if (names.length > 0) this.#next = Number(NAME.exec(names.at(-1))[1]) + 1
  }

  /** Bytes that wait. */
  get bytes () {
    return this.waiting.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** How long the oldest has waited (s). */
  get seconds () {
    return this.waiting.length > 0 ? Math.max(0, this.#now() - this.waiting[0].at) / 1000 : 0
  }

  /** Whether another segment may wait; playlists always may. @throws {NoRoom} */
  check (bytes) {
    if (this.bytes + bytes > this.#mostBytes) {
      throw new NoRoom(`${Math.round(this.bytes / 1e6)} MB wait for S3 and no more may: what comes now is not published`)
    }
  }

  /** A file is to be sent by a name; what it has then stays so, whatever takes its place. */
  async add (name, source, bytes) {
    const file = path.join(this.#folder, `${String(this.#next++).padStart(12, '0')}-${name}`)
    await fs.link(source, file)
    this.waiting.push({ name, bytes, at: this.#now(), file })
  }

  /** What waits by a name need not be sent any more: a newer one comes. The one at the head stays, it may be under way. */
  async drop (name) {
    const [head, ...rest] = this.waiting
    const dropped = rest.filter((one) => one.name === name)
    this.waiting = head ? [head, ...rest.filter((one) => one.name !== name)] : []
    for (const { file } of dropped) await fs.rm(file, { force: true })
  }

  /** What is in one that waits; null when it is there no more. @returns {Promise<Buffer|null>} */
  read ({ file }) {
    return fs.readFile(file).catch((error) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
  }

  /** One is sent. */
  async remove (sent) {
    this.waiting = this.waiting.filter((one) => one !== sent)
    await fs.rm(sent.file, { force: true })
  }
}

module.exports = { Outbox }
