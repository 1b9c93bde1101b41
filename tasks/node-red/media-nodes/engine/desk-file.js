'use strict'

const fs = require('node:fs')

/** What an operator has set, in a file: an engine that dies begins again with it. */
class DeskFile {
  #file

  /** @param {string} file path */
  constructor (file) {
    this.#file = file
  }

  /** Write it whole or not at all. */
  keep (engine) {
    fs.writeFileSync(`${this.#file}.part`, JSON.stringify(engine.desk))
    fs.renameSync(`${this.#file}.part`, this.#file)
  }

  /** Set what the file says; a file that is not there, or is none of ours, changes nothing. */
  restore (engine) {
    try {
      engine.desk = JSON.parse(fs.readFileSync(this.#file, 'utf8'))
    } catch (error) {
      if (error.code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error
    }
  }
}

module.exports = { DeskFile }
