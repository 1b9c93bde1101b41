'use strict'

/** Everything that a page asks for goes over a few connections; a browser opens six at most. */
const MOST_CONNECTIONS = 256
/** Those beyond are told so; of many more nobody is even told. */
const MOST_SOCKETS = 2 * MOST_CONNECTIONS
const RETRY_SECONDS = 2
/** A reader who takes less than this in such a time, while something waits for him, cannot watch. */
const [LOOK_MS, LEAST_BYTES] = [5000, 40_000]
/** Whoever is slow to ask has this long, and a connection that nothing is asked over. */
const [ASK_MS, IDLE_MS] = [10_000, 15_000]

/** Keeps a web server's connections within bounds: so many of them, and none that is held by a reader who reads nothing. */
class Traffic {
  #sockets = new Map()
  #clock
  #timer

  /**
   * @param {http.Server} server which is told its limits
   * @param {object} clock see clock.js
   */
  constructor (server, clock) {
    this.#clock = clock
    server.maxConnections = MOST_SOCKETS
    server.headersTimeout = server.requestTimeout = ASK_MS
    server.keepAliveTimeout = IDLE_MS
    server.on('connection', (socket) => {
      this.#sockets.set(socket, 0)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('listening', () => { this.#timer = clock.setInterval(() => this.#look(), LOOK_MS) })
    server.on('close', () => clock.clearInterval(this.#timer))
  }

  /** What a request over a connection too many is answered with: its headers; null when it may go on. */
  get refusal () {
    return this.#sockets.size > MOST_CONNECTIONS ? { 'Retry-After': RETRY_SECONDS, Connection: 'close' } : null
  }

  #look () {
    for (const [socket, before] of this.#sockets) {
      const taken = socket.bytesWritten - socket.writableLength
      if (socket.writableLength > 0 && taken - before < LEAST_BYTES) socket.destroy()
      else this.#sockets.set(socket, taken)
    }
  }
}

module.exports = { LOOK_MS, MOST_CONNECTIONS, Traffic }
