'use strict'

const { EventEmitter } = require('node:events')
const { EntryPoints, PACKET_BYTES } = require('../../outputs/transport-stream')

const ARRIVING_MS = 1000
const MOST_KEPT_BYTES = 16_000_000

/** A live source that comes as an MPEG transport stream. */
class TransportFeed extends EventEmitter {
  senders = 0
  bytes = 0
  #time
  #lastAt = -Infinity
  #entryPoints = new EntryPoints(MOST_KEPT_BYTES)

  constructor (time) {
    super()
    this.#time = time
  }

  /** How long nothing has come, ms. */
  get silentMs () {
    return this.#time.now() - this.#lastAt
  }

  get isArriving () {
    return this.silentMs < ARRIVING_MS
  }

  get figures () {
    return { senders: this.senders, bytes: this.bytes }
  }

  sinceEntry () {
    const since = this.#entryPoints.sinceEntry()
    return since ? [since] : []
  }

  /** A sender has come: what came before is another's. */
  began () {
    this.senders += 1
    this.#entryPoints = new EntryPoints(MOST_KEPT_BYTES)
    this.emit('begin')
  }

  received (bytes) {
    this.#lastAt = this.#time.now()
    this.bytes += bytes.length
    try {
      this.#entryPoints.feed(bytes)
    } catch {
      // Whoever sends nonsense is found out by the decoder.
      this.#entryPoints = new EntryPoints(MOST_KEPT_BYTES)
    }
    this.emit('bytes', bytes)
  }
}

module.exports = { TransportFeed, PACKET_BYTES }
