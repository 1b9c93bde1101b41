'use strict'

/** Gives whole lines of a stream of text chunks, and keeps the rest for the next chunk. */
class LineSplitter {
  #rest = ''

  /** @returns {string[]} the lines that `chunk` completes, without their ends, empty ones left out */
  feed (chunk) {
    const lines = (this.#rest + chunk).split(/\r?\n|\r/)
    this.#rest = lines.pop()
    return lines.filter((line) => line !== '')
  }
}

module.exports = { LineSplitter }
