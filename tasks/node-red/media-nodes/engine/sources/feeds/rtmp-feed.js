'use strict'

const { EventEmitter } = require('node:events')
const { FLV_HEADER, flvTag, isConfiguration, isKeyPicture } = require('../rtmp/flv')
const { SilenceWatch } = require('./silence-watch')

/** A publisher that gives nothing for so long is gone; it may go on. */
const SILENT_MS = 1500
/** After so long its connection is ended: it has to call again. */
const DEAD_MS = 10_000
const ARRIVING_MS = 1000
const MOST_KEPT_BYTES = 16_000_000

/** The publisher of one source, through the engine's RTMP server. */
class RtmpFeed extends EventEmitter {
  senders = 0
  bytes = 0
  #source
  #server
  #time
  #unregister = null
  #configurations = new Map()
  #since = []
  #sinceBytes = 0
  #lastAt = -Infinity
  #isSilent = false
  #silence

  /** @param {object} source `address`, `port`, `app`, `streamKey` */
  constructor (source, { rtmpServer }, time) {
    super()
    this.#source = source
    this.#server = rtmpServer
    this.#time = time
    this.#silence = new SilenceWatch(() => this.bytes, time)
  }

  start () {
    const { address, port, app, streamKey: key } = this.#source
    this.#unregister = this.#server.register({ address, port, app, key }, {
      begin: (endSession) => this.#begin(endSession),
      message: (message) => this.#message(message),
      gone: () => this.#gone('the sender went away. It may come back at any time.'),
      refused: (why) => this.emit('trouble', why, 'SenderRefused'),
      failed: (why) => this.emit('trouble', `SourceUnreachable: ${why}`, 'SourceUnreachable')
    })
  }

  async stop () {
    const unregister = this.#unregister
    this.#unregister = null
    this.#silence.end()
    await unregister?.()
  }

  get isArriving () {
    return this.#time.now() - this.#lastAt < ARRIVING_MS
  }

  get figures () {
    return { senders: this.senders, bytes: this.bytes }
  }

  sinceEntry () {
    return [FLV_HEADER, ...this.#configurations.values(), ...this.#since]
  }

  #begin (endSession) {
    this.senders += 1
    this.#configurations.clear()
    this.#since = []
    this.#sinceBytes = 0
    this.#silence.begin([SILENT_MS, () => this.#silent()], [DEAD_MS, endSession])
    this.#tellBegin()
  }

  #tellBegin () {
    this.#isSilent = false
    this.emit('begin')
    for (const bytes of this.sinceEntry()) this.emit('bytes', bytes)
  }

  #gone (text) {
    this.#silence.end()
    if (!this.#isSilent) this.emit('gone', text)
  }

  #silent () {
    this.emit('gone', `nothing came for ${SILENT_MS / 1000} s. See whether the sender sends.`)
    this.#isSilent = true
  }

  #message (message) {
    const tag = flvTag(message)
    this.#lastAt = this.#time.now()
    this.bytes += tag.length
    if (isConfiguration(message)) this.#configurations.set(message.type, tag)
    else this.#keep(tag, isKeyPicture(message))
    // Whoever was silent goes on where he was: who decodes begins anew, with what that needs.
    if (this.#isSilent) this.#tellBegin()
    else this.emit('bytes', tag)
  }

  #keep (tag, isKey) {
    if (isKey || this.#sinceBytes > MOST_KEPT_BYTES) [this.#since, this.#sinceBytes] = [[], 0]
    this.#since.push(tag)
    this.#sinceBytes += tag.length
  }
}

module.exports = { RtmpFeed }
