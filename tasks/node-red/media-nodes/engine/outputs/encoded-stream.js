'use strict'

const { EventEmitter } = require('node:events')
const { Output } = require('./output')
const { ProgrammeEncoder } = require('./programme-encoder')
const { EntryPoints } = require('./transport-stream')

/** What has come since a key picture is kept for outputs that begin, up to so much. */
const MOST_KEPT_BYTES = 32_000_000

/**
 * The programme encoded in one way, and every output that takes it: they copy, so they come, go and fail without the encoder.
 *
 * Events: `change`, `trouble` (text).
 */
class EncodedStream extends EventEmitter {
  #encoder
  #outputs
  #entryPoints = new EntryPoints(MOST_KEPT_BYTES)

  /**
   * @param {object} definition `name`, what `encoderArguments` takes, `outputs` (see Output)
   * @param {object} place `ffmpegPath`, `format`
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   */
  constructor (definition, { ffmpegPath, format }, time) {
    super()
    this.name = definition.name
    this.#encoder = new ProgrammeEncoder(definition, format, ffmpegPath, time)
    const { codec, outputs } = definition
    this.#outputs = outputs.map((output) => new Output({ ...output, codec }, ffmpegPath, () => this.#entryPoints.sinceEntry, time))
    this.#encoder.on('data', (bytes) => this.#encoded(bytes))
    this.#encoder.on('trouble', (text) => this.emit('trouble', text))
    for (const output of this.#outputs) {
      output.on('trouble', (text) => this.emit('trouble', `${output.name}: ${text}`))
      output.on('change', () => this.emit('change'))
    }
  }

  start () {
    this.#encoder.start()
    for (const output of this.#outputs) output.start()
  }

  /** Encode what has come, and finish every output. */
  async stop () {
    await this.#encoder.stop()
    await Promise.all(this.#outputs.map((output) => output.stop()))
  }

  /** The picture and the sound of one frame. */
  write (picture, samples) {
    this.#encoder.write(picture, samples)
  }

  get figures () {
    const { pid, restarts, lastError, frames, droppedFrames, bits } = this.#encoder
    const outputs = this.#outputs.map((output) => {
      const { name, state, missedBytes } = output
      return { name, state, pid: output.pid, restarts: output.restarts, lastError: output.lastError, missedBytes }
    })
    return { name: this.name, pid, restarts, lastError, frames, droppedFrames, bits, outputs }
  }

  #encoded (bytes) {
    for (const piece of this.#entryPoints.feed(bytes)) {
      for (const output of this.#outputs) output.send(piece)
    }
  }
}

module.exports = { EncodedStream }
