'use strict'

const fs = require('node:fs')
const path = require('node:path')

/**
 * What was recorded, in words of its own: a JSON document beside the recording, on the machine and where the recording goes.
 *
 * `production`, `source` (whose recording it is; none: the programme's), `format`, `files` (each `name`, `state`, `startedAt`, `endedAt`,
 * `clockSeconds`, `seconds`, `frames`, `bytes`, `crc32`, and while it is brought to S3 its `uploadId`), `gaps` (each `file`, `atSeconds`, `seconds`).
 * `clockSeconds`: when on the production's clock of its machine the file begins; files of one machine lie to each other so, to the frame. States: `recording`, `complete`, `recovered` (after its machine had ended).
 */
class Manifest {
  #file
  #put
  #told

  /**
   * @param {string} folder
   * @param {string} name of the recording's first file
   * @param {object} beginning `production`, `format` of a recording that begins
   * @param {(text: string) => Promise<void>} put brings it to where the recording goes
   */
  constructor (folder, name, beginning, put = async () => {}) {
    this.#file = path.join(folder, Manifest.nameFor(name))
    this.#put = put
    try {
      this.#told = JSON.parse(fs.readFileSync(this.#file, 'utf8'))
    } catch {
      this.#told = { ...beginning, files: [], gaps: [] }
    }
  }

  /** How the manifest of a recording is called. */
  static nameFor (name) {
    return `${path.parse(name).name}.json`
  }

  get files () {
    return this.#told.files
  }

  /** A file begins. @returns {object} its entry, see `update` */
  begin (name, startedAt) {
    const entry = { name, state: 'recording', startedAt, endedAt: null, seconds: 0, frames: 0, bytes: 0, crc32: null }
    const last = this.files.at(-1)
    const pause = last?.endedAt ? (Date.parse(startedAt) - Date.parse(last.endedAt)) / 1000 : 0
    if (pause > 0) this.#told.gaps.push({ file: name, atSeconds: 0, seconds: pause })
    this.files.push(entry)
    return entry
  }

  /** Nothing was recorded for so long. */
  gap (file, atSeconds, seconds) {
    this.#told.gaps.push({ file, atSeconds, seconds })
  }

  /** Keep it on the machine. */
  keep () {
    try {
      fs.writeFileSync(`${this.#file}.new`, this.#text)
      fs.renameSync(`${this.#file}.new`, this.#file)
    } catch { /* a full disk: the recording says so itself */ }
  }

  /** Keep it on the machine, and where the recording goes. */
  async write () {
    this.keep()
    await this.#put(this.#text)
  }

  get #text () {
    return JSON.stringify(this.#told, null, 2) + '\n'
  }
}

module.exports = { Manifest }
