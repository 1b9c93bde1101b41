'use strict'

const fs = require('node:fs/promises')
const path = require('node:path')
const { NoRoom, writeWithin } = require('../storage/disk-room')

const NAME = /^(\d{15})-(\d+)-(\d+)-([0-9a-f]{8})\.piece$/

/**
 * What a piece's name tells of it. All counts are of the file up to the piece's end, so that a file whose end is known is described by its last.
 *
 * @typedef {object} Piece `offset` and `bytes` (where it lies in the file), `frames`, `milliseconds`, `crc32` (of the file, hexadecimal), `name`
 */
function pieceNamed (name, bytes) {
  const [, offset, frames, milliseconds, crc32] = NAME.exec(name) ?? []
  return crc32 === undefined ? null : { name, offset: Number(offset), bytes, frames: Number(frames), milliseconds: Number(milliseconds), crc32 }
}

function nameOf ({ offset, frames, milliseconds, crc32 }) {
  return `${String(offset).padStart(15, '0')}-${frames}-${milliseconds}-${crc32}.piece`
}

/** Pieces of a recording that are not yet in a part of its upload: on disk, so that they outlive the process, and never more than the ring holds. */
class Spool {
  /** Oldest first. @type {Piece[]} */
  pieces = []
  #folder
  #mostBytes
  #reserveBytes

  /**
   * @param {string} folder of this recording alone
   * @param {number} mostBytes that wait at a time
   * @param {number} reserveBytes that the disk keeps for what is on air
   */
  constructor (folder, mostBytes, reserveBytes) {
    this.#folder = folder
    this.#mostBytes = mostBytes
    this.#reserveBytes = reserveBytes
  }

  /** Make the folder, and find the pieces of a process that was here before. */
  async open () {
    await fs.mkdir(this.#folder, { recursive: true })
    const names = (await fs.readdir(this.#folder)).filter((name) => NAME.test(name)).sort()
    this.pieces = await Promise.all(names.map(async (name) => pieceNamed(name, (await fs.stat(path.join(this.#folder, name))).size)))
  }

  /** Bytes that wait. */
  get bytes () {
    return this.pieces.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /**
   * @param {Buffer} bytes
   * @param {object} counts `offset`, `frames`, `milliseconds`, `crc32` as a Piece has them
   * @throws {NoRoom}
   */
  async add (bytes, counts) {
    if (this.bytes + bytes.length > this.#mostBytes) {
      throw new NoRoom(`${Math.round(this.bytes / 1e6)} MB wait for S3 and no more may: what comes now is not recorded`)
    }
    const name = nameOf(counts)
    const file = path.join(this.#folder, name)
    try {
      await writeWithin(this.#folder, bytes.length, this.#reserveBytes, async () => {
        // Under another name until it is whole: a crash leaves no half piece.
        await fs.writeFile(`${file}.new`, bytes)
        await fs.rename(`${file}.new`, file)
      })
    } catch (error) {
      await fs.rm(`${file}.new`, { force: true }).catch(() => {})
      throw error
    }
    this.pieces.push(pieceNamed(name, bytes.length))
  }

  /** @param {Piece[]} pieces @returns {Promise<Buffer>} what is in them, one after the other */
  async read (pieces) {
    return Buffer.concat(await Promise.all(pieces.map(({ name }) => fs.readFile(path.join(this.#folder, name)))))
  }

  /** @param {Piece[]} pieces that are safe elsewhere */
  async remove (pieces) {
    this.pieces = this.pieces.filter((piece) => !pieces.includes(piece))
    for (const { name } of pieces) await fs.rm(path.join(this.#folder, name), { force: true })
  }

  /** Everything is safe elsewhere. */
  async close () {
    await fs.rm(this.#folder, { recursive: true, force: true })
  }
}

module.exports = { Spool }
