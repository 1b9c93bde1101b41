'use strict'

const dgram = require('node:dgram')
const { EventEmitter, once } = require('node:events')
const { yieldTime } = require('../../child-processes')
const { Output } = require('../output')
const { EntryPoints } = require('../transport-stream')
const { RtpRun, isEntry } = require('./rtp-run')

const MOST_KEPT_BYTES = 32_000_000
/** After the programme: whoever watches like this must not cost it a picture. */
const NICE = 10
const CLOCK_RATES = { video: 90_000, audio: 48_000 }
/** RTCP packets of FFmpeg's, between those of RTP (RFC 5761, 4). */
const isReport = (packet) => packet[1] >= 192 && packet[1] <= 223

/**
 * A small rendition of the programme as RTP: H.264 that every browser decodes, and Opus. It is made only while it is started.
 *
 * Events: `packet` (kind, packet); `trouble` (text).
 */
class Rendition extends EventEmitter {
  #ffmpegPath
  #time
  #entryPoints = new EntryPoints(MOST_KEPT_BYTES)
  #output = null
  #sockets = {}
  #runs
  #group = []

  /**
   * @param {string} ffmpegPath
   * @param {object} time `now`, `setTimeout`, `clearTimeout`
   */
  constructor (ffmpegPath, time) {
    super()
    this.#ffmpegPath = ffmpegPath
    this.#time = time
    this.#runs = Object.fromEntries(Object.entries(CLOCK_RATES).map(([kind, rate]) => [kind, new RtpRun(rate, time.now)]))
  }

  /** Have the ports that FFmpeg sends to. */
  async open () {
    for (const kind of Object.keys(CLOCK_RATES)) {
      const socket = this.#sockets[kind] = dgram.createSocket('udp4').bind(0, '127.0.0.1')
      await once(socket, 'listening')
      socket.on('message', (packet) => { if (!isReport(packet)) this.#came(kind, packet) })
    }
  }

  /** The packets since the newest key picture: a viewer who comes between two sees something at once. */
  get group () {
    return this.#group
  }

  get isRunning () {
    return this.#output !== null
  }

  start () {
    if (this.#output) return
    const [videoPort, audioPort] = ['video', 'audio'].map((kind) => this.#sockets[kind].address().port)
    const output = this.#output = new Output({ name: 'rendition', kind: 'rtp', videoPort, audioPort }, this.#ffmpegPath, () => this.#entryPoints.sinceEntry(), this.#time)
    output.on('change', () => { if (output.state === 'sending') this.#began(output) })
    output.on('trouble', (text) => this.emit('trouble', text))
    output.start()
  }

  async stop () {
    const output = this.#output
    this.#output = null
    this.#group = []
    await output?.stop()
  }

  /** What the programme's encoder gives. */
  feed (bytes) {
    for (const piece of this.#entryPoints.feed(bytes)) this.#output?.send(piece)
  }

  #began ({ pid }) {
    for (const run of Object.values(this.#runs)) run.begin()
    yieldTime(pid, NICE)
  }

  #came (kind, packet) {
    const followed = this.#runs[kind].follow(packet)
    if (kind === 'video') {
      if (isEntry(followed)) this.#group = []
      this.#group.push(followed)
    }
    this.emit('packet', kind, followed)
  }
}

module.exports = { Rendition }
