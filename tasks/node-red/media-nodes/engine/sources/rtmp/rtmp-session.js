'use strict'

const { randomBytes } = require('node:crypto')
const { decodeAmf, encodeAmf } = require('./amf0')
const { ChunkReader, encodeMessage, TYPE, WrongRtmp } = require('./chunk-stream')

const VERSION = 3
const HANDSHAKE_BYTES = 1536
const WINDOW_BYTES = 2_500_000
const PING = { request: 6, response: 7 }
/** Before a publisher is let in, nothing that it sends is long. */
const [MOST_BEFORE, MOST_AFTER] = [65_536, 8_000_000]
const STREAM_ID = 1
const TO_STREAM = new Set([TYPE.audio, TYPE.video, TYPE.data])

/** One connection of a publisher: handshake, commands, and then its pictures and sound. */
class RtmpSession {
  /** When bytes came last, ms. */
  lastByteAt
  #socket
  #to
  #time
  #handshake = Buffer.alloc(0)
  #step = 0
  #reader = new ChunkReader((message) => this.#message(message), MOST_BEFORE)
  #app = ''
  #received = 0
  #acknowledged = 0
  #isPublishing = false

  /**
   * @param {net.Socket} socket
   * @param {object} to `publish(app, key)` gives null to let it in, else the status `{code, description}` that refuses it;
   *   `message({type, timestamp, payload})` of audio, video and data; `end()` once
   * @param {object} time `now`
   */
  constructor (socket, to, time) {
    this.#socket = socket
    this.#to = to
    this.#time = time
    this.lastByteAt = time.now()
    socket.setNoDelay(true)
    socket.on('data', (bytes) => this.#read(bytes))
    socket.on('error', () => {})
    socket.once('close', () => to.end())
  }

  get isPublishing () {
    return this.#isPublishing
  }

  /** End it. */
  close () {
    this.#socket.destroy()
  }

  #read (bytes) {
    this.lastByteAt = this.#time.now()
    this.#received += bytes.length
    try {
      const left = this.#step < 2 ? this.#shakeHands(bytes) : bytes
      if (left.length > 0) this.#reader.feed(left)
    } catch {
      this.close()
    }
    if (this.#received - this.#acknowledged < WINDOW_BYTES) return
    this.#acknowledged = this.#received
    this.#control(TYPE.acknowledgement, this.#received >>> 0)
  }

  /** C0 and C1 are answered by S0, S1 and S2; C2 is passed over. @returns {Buffer} what follows */
  #shakeHands (bytes) {
    this.#handshake = Buffer.concat([this.#handshake, bytes])
    if (this.#step === 0 && this.#handshake.length > HANDSHAKE_BYTES) {
      if (this.#handshake[0] !== VERSION) throw new WrongRtmp('another version')
      const first = this.#handshake.subarray(1, 1 + HANDSHAKE_BYTES)
      this.#socket.write(Buffer.concat([Buffer.from([VERSION]), Buffer.alloc(8), randomBytes(HANDSHAKE_BYTES - 8), first]))
      this.#step = 1
    }
    if (this.#step === 1 && this.#handshake.length > 2 * HANDSHAKE_BYTES) {
      this.#step = 2
      return this.#handshake.subarray(1 + 2 * HANDSHAKE_BYTES)
    }
    return Buffer.alloc(0)
  }

  #message (message) {
    const { type, payload } = message
    if (type === TYPE.command) this.#command(decodeAmf(payload))
    else if (type === TYPE.userControl && payload.length >= 6 && payload.readUInt16BE(0) === PING.request) {
      this.#send(TYPE.userControl, Buffer.concat([Buffer.from([0, PING.response]), payload.subarray(2, 6)]), { chunkStream: 2 })
    } else if (this.#isPublishing && TO_STREAM.has(type)) this.#to.message(message)
  }

  #command ([name, transaction, options, ...rest]) {
    if (name === 'connect') this.#connect(transaction, options ?? {})
    else if (name === 'createStream') this.#send(TYPE.command, encodeAmf('_result', transaction, null, STREAM_ID))
    else if (name === 'publish') this.#publish(rest[0])
    else if (name === 'releaseStream' || name === 'FCPublish') this.#send(TYPE.command, encodeAmf('_result', transaction, null, null))
    else if (name === 'play') this.#refuse({ code: 'NetStream.Play.StreamNotFound', description: 'Nothing is played from here.' })
    else if (['deleteStream', 'closeStream', 'FCUnpublish'].includes(name) && this.#isPublishing) this.#socket.end()
  }

  #connect (transaction, { app }) {
    this.#app = String(app ?? '').replace(/\/+$/, '')
    this.#control(TYPE.windowSize, WINDOW_BYTES)
    const bandwidth = Buffer.alloc(5)
    bandwidth.writeUInt32BE(WINDOW_BYTES)
    bandwidth[4] = 2
    this.#send(TYPE.peerBandwidth, bandwidth, { chunkStream: 2 })
    this.#send(TYPE.command, encodeAmf('_result', transaction, { fmsVer: 'FMS/3,0,1,123', capabilities: 31 }, {
      level: 'status', code: 'NetConnection.Connect.Success', description: 'Connected.', objectEncoding: 0
    }))
  }

  #publish (key) {
    if (this.#isPublishing) return
    const refused = this.#to.publish(this.#app, String(key ?? ''))
    if (refused) return this.#refuse(refused)
    this.#isPublishing = true
    this.#reader.mostBytes = MOST_AFTER
    this.#status({ level: 'status', code: 'NetStream.Publish.Start', description: 'On its way.' })
  }

  #refuse ({ code, description }) {
    this.#status({ level: 'error', code, description })
    this.#socket.end()
    this.#socket.removeAllListeners('data')
    this.#socket.resume()
  }

  #status (status) {
    this.#send(TYPE.command, encodeAmf('onStatus', 0, null, status), { streamId: STREAM_ID, chunkStream: 5 })
  }

  #control (type, number) {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(number)
    this.#send(type, payload, { chunkStream: 2 })
  }

  #send (type, payload, how) {
    if (this.#socket.writable) this.#socket.write(encodeMessage({ type, payload, ...how }))
  }
}

module.exports = { RtmpSession }
