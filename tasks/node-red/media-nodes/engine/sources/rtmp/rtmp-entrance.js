'use strict'

const { RtmpServer } = require('./rtmp-server')

/** A port that something else has is tried again so often. */
const AGAIN_MS = 1000

/** One port: its server listens as long as a source waits for a publisher there. */
class RtmpPort {
  #address
  #port
  #server
  #time
  #waiting = new Set()
  #isListening = false
  #settled = Promise.resolve()
  #timer = null

  constructor ({ address, port }, time) {
    this.#address = address
    this.#port = port
    this.#server = new RtmpServer(time)
    this.#time = time
  }

  register (place, to) {
    const end = this.#server.register(place, to)
    this.#waiting.add(to)
    this.#settle()
    return () => {
      end()
      this.#waiting.delete(to)
      return this.#settle()
    }
  }

  /** One at a time: a port that is being closed can be listened on again only afterwards. */
  #settle () {
    this.#time.clearTimeout(this.#timer)
    this.#settled = this.#settled.then(() => this.#listenOrClose())
    return this.#settled
  }

  async #listenOrClose () {
    const isWanted = this.#waiting.size > 0
    if (isWanted === this.#isListening) return
    this.#isListening = isWanted
    if (!isWanted) return this.#server.close()
    try {
      await this.#server.listen(this.#port, this.#address)
    } catch (error) {
      this.#isListening = false
      for (const to of this.#waiting) to.failed?.(`port ${this.#port} cannot be listened on. See whether something else has it. (${error.code ?? error.message})`)
      this.#timer = this.#time.setTimeout(() => this.#settle(), AGAIN_MS)
    }
  }
}

/** Where RTMP publishers come in: a server a port, each of which is there as long as a source needs it. */
class RtmpEntrance {
  #ports = new Map()
  #time

  /** @param {object} time `now`, `setTimeout`, `clearTimeout` */
  constructor (time) {
    this.#time = time
  }

  /**
   * Let publishers of a source in.
   *
   * @param {object} place `address` and `port` to listen on, `app`, `key`
   * @param {object} to as of RtmpServer; and `failed(why)` when the port cannot be had, which is tried again
   * @returns {() => Promise<void>} lets none in any more, and ends the one there is; the other sources' publishers stay
   */
  register (place, to) {
    const name = `${place.address}:${place.port}`
    if (!this.#ports.has(name)) this.#ports.set(name, new RtmpPort(place, this.#time))
    return this.#ports.get(name).register(place, to)
  }
}

module.exports = { RtmpEntrance }
