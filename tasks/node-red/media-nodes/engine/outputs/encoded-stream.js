'use strict'

const { EventEmitter } = require('node:events')
const { LinkControlServer } = require('../link/link-control-server')
const { stamped } = require('../link/time-stamp')
const { Output } = require('./output')
const { repeatedSeconds } = require('./output-arguments')
const { ProgrammeEncoder } = require('./programme-encoder')
const { EntryPoints, NoTransportStream } = require('./transport-stream')

/** What has come since a key picture, and some groups before it, is kept for outputs that begin, up to so much. */
const MOST_KEPT_BYTES = 32_000_000

/**
 * The programme encoded in one way, and every output that takes it: they copy, so they come, go and fail without the encoder.
 *
 * Events: `change`, `trouble` (text).
 */
class EncodedStream extends EventEmitter {
  #encoder
  /** By their definitions. */
  #outputs
  #renditions
  #make
  #leaving = new Set()
  #isStopped = false
  #controls = []
  #entryPoints
  #time

  /**
   * @param {object} definition `name`, what `encoderArguments` takes, `outputs` (see Output); its renditions have outputs of their own
   * @param {object} place `ffmpegPath`, `format`
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   * @param {ProgrammeEncoder|RenditionTap} [encoder] that of a rendition
   */
  constructor (definition, { ffmpegPath, format }, time, encoder = new ProgrammeEncoder(definition, format, ffmpegPath, time)) {
    super()
    this.name = definition.name
    this.#time = time
    this.#encoder = encoder
    const { codec, gopFrames, outputs, width = format.width, height = format.height } = definition
    const groupSeconds = format.rate.msUpTo(gopFrames) / 1000
    const groupsOf = (output) => 1 + Math.ceil(repeatedSeconds(output) / groupSeconds)
    const mostGroups = Math.max(1, ...outputs.map(groupsOf))
    const copied = { codec, groupSeconds, bitRate: definition.bitRate + (definition.sound?.bitRate ?? 0), format: { ...format.told, width, height } }
    this.#make = (output) => {
      const made = new Output({ ...output, ...copied }, ffmpegPath, () => this.#entryPoints?.sinceEntry(groupsOf(output)) ?? null, time)
      made.on('trouble', (text) => this.emit('trouble', `${made.name}: ${text}`))
      made.on('change', () => this.emit('change'))
      return made
    }
    this.#outputs = new Map(outputs.map((output) => [JSON.stringify(output), this.#make(output)]))
    // Of one that died, half a packet may have come.
    this.#encoder.on('begin', () => { this.#entryPoints = new EntryPoints(MOST_KEPT_BYTES, mostGroups) })
    this.#encoder.on('data', (bytes) => this.#encoded(bytes))
    this.#encoder.on('trouble', (text) => this.emit('trouble', text))
    for (const output of this.#outputs.values()) if (output.control) this.#control(output)
    this.#renditions = (definition.renditions ?? []).map((rendition, index) => {
      const stream = new EncodedStream({ ...definition, renditions: [], ...rendition }, { ffmpegPath, format }, time, encoder.renditions[index])
      stream.on('trouble', (text) => this.emit('trouble', text)).on('change', () => this.emit('change'))
      return stream
    })
  }

  /** @param {number} first number of the first frame on the production's clock */
  start (first) {
    this.#encoder.start(first)
    for (const output of this.#outputs.values()) output.start()
    for (const rendition of this.#renditions) rendition.start(first)
    for (const { server, port, host } of this.#controls) server.listen(port, host)
  }

  /** Encode what has come, and finish every output. */
  async stop () {
    this.#isStopped = true
    await Promise.all(this.#controls.map(({ server }) => server.close()))
    await this.#encoder.stop()
    await Promise.all([...this.#outputs.values(), ...this.#renditions].map((behind) => behind.stop()))
    await Promise.all(this.#leaving)
  }

  /** Take other outputs on air: those that are the same go on, the others end and begin. Links stay as they are. */
  redefine ({ outputs, renditions = [] }) {
    renditions.forEach((rendition, index) => this.#renditions[index].redefine(rendition))
    const wanted = new Map(outputs.map((output) => [JSON.stringify(output), output]))
    const ended = [...this.#outputs].filter(([definition]) => !wanted.has(definition)).map(([definition, output]) => {
      this.#outputs.delete(definition)
      return output.stop()
    })
    // What follows may want the port or the file of what ends.
    const gone = Promise.all(ended)
    this.#leaving.add(gone)
    gone.then(() => this.#leaving.delete(gone))
    for (const [definition, output] of wanted) {
      if (this.#outputs.has(definition)) continue
      const made = this.#make(output)
      this.#outputs.set(definition, made)
      gone.then(() => { if (!this.#isStopped && this.#outputs.get(definition) === made) made.start() })
    }
  }

  /** The picture and the sound of one frame, see ProgrammeEncoder; on a link it says when that was, once it `isProgramme`. */
  write (picture, samples, number, isProgramme = true) {
    const isStamped = isProgramme && this.#controls.length > 0
    this.#encoder.write(picture, isStamped ? stamped(samples, this.#time.now()) : samples, number)
  }

  get figures () {
    const { pid, restarts, lastError, frames, droppedFrames, bits } = this.#encoder
    const outputs = [...this.#outputs.values()].map((output) => {
      const { name, kind, isCalled, state, pid, restarts, lastError, missedBytes, queuedSeconds, told } = output
      return { name, kind, isCalled, state, pid, restarts, lastError, missedBytes, queuedSeconds, told }
    })
    return { name: this.name, pid, restarts, lastError, frames, droppedFrames, bits, outputs: [...outputs, ...this.#renditions.flatMap(({ figures }) => figures.outputs)] }
  }

  /** A link's far end says when it is new: its sender begins anew then. */
  #control (output) {
    const { port, host, passphrase } = output.control
    const server = new LinkControlServer(passphrase, this.#time)
    server.on('renew', (done) => output.renew().then(done))
    output.on('trouble', () => server.tellGone())
    server.on('trouble', (text) => this.emit('trouble', `${output.name}: ${text}`))
    this.#controls.push({ server, port, host })
  }

  #encoded (bytes) {
    for (const piece of this.#piecesOf(bytes)) {
      for (const output of this.#outputs.values()) output.send(piece)
    }
  }

  #piecesOf (bytes) {
    try {
      return this.#entryPoints.feed(bytes)
    } catch (error) {
      if (!(error instanceof NoTransportStream)) throw error
      this.#encoder.giveUp(error.message)
      return []
    }
  }
}

module.exports = { EncodedStream }
