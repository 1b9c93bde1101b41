'use strict'

const { randomBytes } = require('node:crypto')
const net = require('node:net')
const tls = require('node:tls')
const { decodeAmf, encodeAmf } = require('../../sources/rtmp/amf0')
const { ChunkReader, encodeMessage, TYPE } = require('../../sources/rtmp/chunk-stream')
const { DestinationRefused, DestinationUnreachable } = require('./faults')

const VERSION = 3
const HANDSHAKE_BYTES = 1536
/** Larger than the first 128 bytes, in which a picture of a megabyte would have 8,000 headers. */
const CHUNK_BYTES = 4096
/** From the call to the first picture that may be sent (ms): sooner than an output that takes nothing is ended. */
const READY_MS = 3500
const MOST_BYTES = 65_536
const PING = { request: 6, response: 7 }
const DEFAULT_PORTS = { 'rtmp:': 1935, 'rtmps:': 443 }
const AUDIO_STREAM = 4
const VIDEO_STREAM = 6

/** Publishes to an RTMP server: https://rtmp.veriskope.com/docs/spec/ part 7. */
class RtmpPublisher {
  #url
  #key
  #time
  #socket = null
  #received = Buffer.alloc(0)
  #reader = new ChunkReader((message) => this.#message(message), MOST_BYTES)
  #isShaken = false
  #chunkBytes = undefined
  #waiting = new Map()
  #nextTransaction = 1
  #streamId = 0
  #fail = () => {}
  #begun = () => {}

  /**
   * @param {string} url rtmp://host[:port]/app or rtmps://…, without the key
   * @param {string} key
   * @param {object} time `setTimeout`, `clearTimeout`
   */
  constructor (url, key, time) {
    this.#url = new URL(url)
    this.#key = key
    this.#time = time
  }

  /**
   * Call, and ask to publish. Resolves when pictures may be sent.
   *
   * @param {(error: Error) => void} ended called once when it ends later
   * @throws {DestinationUnreachable|DestinationRefused}
   */
  async connect (ended) {
    const { hostname, port, protocol } = this.#url
    const place = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || DEFAULT_PORTS[protocol]) }
    const ready = new Promise((resolve, reject) => {
      this.#fail = reject
      this.#begun = resolve
    })
    const timer = this.#time.setTimeout(() => this.#fail(new DestinationUnreachable(`${this.#named} does not answer within ${READY_MS / 1000} s`)), READY_MS)
    this.#socket = protocol === 'rtmps:' ? tls.connect({ ...place, servername: net.isIP(place.host) ? undefined : place.host }) : net.connect(place)
    this.#socket.setNoDelay(true)
    this.#socket.on('error', (error) => this.#fail(new DestinationUnreachable(`${this.#named} cannot be reached (${error.code ?? error.message})`)))
    this.#socket.on('close', () => this.#fail(new DestinationRefused(`${this.#named} ended the connection. See whether the stream key is right, and whether it expects the stream now`)))
    this.#socket.on('data', (bytes) => this.#read(bytes))
    this.#socket.once(protocol === 'rtmps:' ? 'secureConnect' : 'connect', () => {
      this.#socket.write(Buffer.concat([Buffer.from([VERSION]), Buffer.alloc(8), randomBytes(HANDSHAKE_BYTES - 8)]))
    })
    try {
      await ready
    } catch (error) {
      this.#socket.destroy()
      throw error
    } finally {
      this.#time.clearTimeout(timer)
    }
    this.#fail = ended
  }

  /** Send a message of FLV; resolves when there is room for the next. */
  async write ({ type, timestamp, payload }) {
    const isData = type === TYPE.data
    const message = { type, timestamp, streamId: this.#streamId, chunkStream: type === TYPE.video ? VIDEO_STREAM : AUDIO_STREAM }
    const whole = isData ? Buffer.concat([encodeAmf('@setDataFrame'), payload]) : payload
    if (this.#socket.write(encodeMessage({ ...message, payload: whole }, this.#chunkBytes))) return
    await new Promise((resolve) => {
      this.#socket.once('drain', resolve)
      this.#socket.once('close', resolve)
    })
  }

  /** Say that no more comes. */
  end () {
    this.#fail = () => {}
    this.#command('FCUnpublish', null, this.#key)
    this.#command('deleteStream', null, this.#streamId)
    return new Promise((resolve) => this.#socket.end(resolve))
  }

  /** Without the key, and without what may stand before the host. */
  get #named () {
    return `${this.#url.protocol}//${this.#url.host}${this.#url.pathname}`
  }

  get #app () {
    return this.#url.pathname.replace(/^\/+|\/+$/g, '') + this.#url.search
  }

  #read (bytes) {
    try {
      if (this.#isShaken) return this.#reader.feed(bytes)
      this.#received = Buffer.concat([this.#received, bytes])
      if (this.#received.length < 1 + 2 * HANDSHAKE_BYTES) return
      this.#isShaken = true
      this.#socket.write(this.#received.subarray(1, 1 + HANDSHAKE_BYTES))
      this.#publish().catch((error) => this.#fail(error))
      this.#reader.feed(this.#received.subarray(1 + 2 * HANDSHAKE_BYTES))
    } catch {
      this.#fail(new DestinationRefused(`${this.#named} answers with what is no RTMP`))
    }
  }

  async #publish () {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(CHUNK_BYTES)
    this.#send(TYPE.setChunkSize, size, 2)
    this.#chunkBytes = CHUNK_BYTES
    await this.#ask('connect', {
      app: this.#app, type: 'nonprivate', flashVer: 'FMLE/3.0 (compatible; organist)', tcUrl: `${this.#url.protocol}//${this.#url.host}/${this.#app}`
    })
    this.#command('releaseStream', null, this.#key)
    this.#command('FCPublish', null, this.#key)
    this.#streamId = await this.#ask('createStream', null)
    this.#command('publish', null, this.#key, 'live')
  }

  /** Resolves with what the answer has after its properties. */
  #ask (name, ...values) {
    return new Promise((resolve, reject) => this.#waiting.set(this.#command(name, ...values), { name, resolve, reject }))
  }

  #command (name, ...values) {
    const transaction = this.#nextTransaction++
    this.#send(TYPE.command, encodeAmf(name, transaction, ...values), 3, name === 'publish' ? this.#streamId : 0)
    return transaction
  }

  #send (type, payload, chunkStream, streamId = 0) {
    if (this.#socket.writable) this.#socket.write(encodeMessage({ type, payload, chunkStream, streamId }, this.#chunkBytes))
  }

  #message ({ type, payload }) {
    if (type === TYPE.userControl && payload.length >= 6 && payload.readUInt16BE(0) === PING.request) {
      this.#send(TYPE.userControl, Buffer.concat([Buffer.from([0, PING.response]), payload.subarray(2, 6)]), 2)
    } else if (type === TYPE.command) this.#told(decodeAmf(payload))
  }

  #told ([name, transaction, , answer]) {
    const asked = this.#waiting.get(transaction)
    if (name === '_result') asked?.resolve(answer)
    // What many servers do not know, such as releaseStream, is refused, and nobody waits for it.
    else if (name === '_error') asked?.reject(this.#refusal(answer))
    else if (name === 'onStatus' && answer?.level === 'error') this.#fail(this.#refusal(answer))
    else if (name === 'onStatus' && answer?.code === 'NetStream.Publish.Start') this.#begun()
  }

  #refusal (answer) {
    const words = [answer?.code, answer?.description].filter(Boolean).map(String).join(': ').replaceAll(this.#key, '…').slice(0, 200)
    return new DestinationRefused(`${this.#named} refuses the stream (${words || 'without a reason'}). See whether the stream key is right, and whether another sends with it`)
  }
}

module.exports = { RtmpPublisher }
