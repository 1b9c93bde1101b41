'use strict'

const { EventEmitter } = require('node:events')
const { yieldTime } = require('../child-processes')
const { EncodedStream } = require('./encoded-stream')
const { ProgrammeEncoder } = require('./programme-encoder')

/** After the programme: a source that is recorded by itself must not cost it a picture. */
const NICE = 10
/** It may be behind so long (ms). */
const MOST_BEHIND_MS = 1000

/**
 * Sources that are encoded by themselves, beside the programme: each as its frame synchroniser gives it, on the production's clock, by an encoder
 * process of its own that gets what time the others leave, once it encodes. One that falls behind begins anew: it has a gap, and what follows is at its own time.
 *
 * Events: `trouble` (text).
 */
class SourceEncodings extends EventEmitter {
  /** `source`, `encoder`, `stream`, `isRunning`, by their definitions. */
  #streams = new Map()
  #place
  #time
  #next = 0
  #hasStarted = false
  #isStopped = false
  #leaving = new Set()

  /**
   * @param {object[]} definitions each of an EncodedStream, with its `source` (name)
   * @param {object} place `ffmpegPath`, `format`
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   */
  constructor (definitions, place, time) {
    super()
    this.#place = place
    this.#time = time
    this.redefine(definitions)
  }

  /** @param {number} first number of the first frame on the production's clock */
  start (first) {
    this.#next = first
    this.#hasStarted = true
    for (const encoding of this.#streams.values()) this.#begin(encoding)
  }

  /** Finish every output. */
  async stop () {
    this.#isStopped = true
    await Promise.all([...[...this.#streams.values()].map(({ stream }) => stream.stop()), ...this.#leaving])
  }

  /** Take others on air: those that are the same go on. What ends is finished before another begins. */
  redefine (definitions) {
    const wanted = new Map(definitions.map((definition) => [JSON.stringify(definition), definition]))
    const ended = [...this.#streams].filter(([key]) => !wanted.has(key)).map(([key, { stream }]) => {
      this.#streams.delete(key)
      return stream.stop()
    })
    const gone = Promise.all(ended)
    this.#leaving.add(gone)
    gone.then(() => this.#leaving.delete(gone))
    for (const [key, definition] of wanted) {
      if (this.#streams.has(key)) continue
      const encoding = { source: definition.source, ...this.#make(definition), isRunning: false }
      this.#streams.set(key, encoding)
      gone.then(() => { if (this.#hasStarted && this.#streams.get(key) === encoding) this.#begin(encoding) })
    }
  }

  /**
   * A frame.
   *
   * @param {(name: string) => {picture: Picture, samples: Float32Array}|null} taken what a source has given; null without it
   * @param {number} number of the frame on the production's clock
   */
  write (taken, number) {
    this.#next = number + 1
    for (const { source, stream, encoder, isRunning } of this.#streams.values()) {
      const frame = isRunning ? taken(source) : null
      if (!frame) continue
      const { droppedFrames } = encoder
      stream.write(frame.picture, frame.samples, number)
      if (encoder.pid !== null && encoder.droppedFrames > droppedFrames) encoder.giveUp('the machine has no time left for it')
    }
  }

  get figures () {
    return [...this.#streams.values()].map(({ source, stream }) => ({ source, ...stream.figures }))
  }

  #begin (encoding) {
    if (encoding.isRunning || this.#isStopped) return
    encoding.isRunning = true
    encoding.stream.start(this.#next)
  }

  #make (definition) {
    const { ffmpegPath, format } = this.#place
    const encoder = new ProgrammeEncoder(definition, format, ffmpegPath, this.#time, format.rate.framesOf(MOST_BEHIND_MS))
    // A first one begins as everything does: with what time is left it would be behind before it can encode.
    encoder.on('begin', () => { if (encoder.restarts > 0) yieldTime(encoder.pid, NICE) })
    encoder.once('data', () => yieldTime(encoder.pid, NICE))
    const stream = new EncodedStream(definition, this.#place, this.#time, encoder)
    stream.on('trouble', (text) => this.emit('trouble', `${stream.name}: ${text}`))
    return { encoder, stream }
  }
}

module.exports = { SourceEncodings }
