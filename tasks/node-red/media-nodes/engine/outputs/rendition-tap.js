'use strict'

const { EventEmitter } = require('node:events')

/**
 * What a rendition's stream takes for its encoder: the process that makes the programme makes it too, and begins, ends and is counted there.
 *
 * Events: `begin` of a process and of its stream, `data` (bytes of the transport stream).
 */
class RenditionTap extends EventEmitter {
  #encoder

  /** @param {ProgrammeEncoder} encoder */
  constructor (encoder) {
    super()
    this.#encoder = encoder
  }

  start () {}

  async stop () {}

  /** What it gives is of no use: another process takes the place of the one that makes all. */
  giveUp (message) {
    this.#encoder.giveUp(message)
  }
}

module.exports = { RenditionTap }
