'use strict'

const { createHash, timingSafeEqual } = require('node:crypto')
const { once } = require('node:events')
const net = require('node:net')
const { RtmpSession } = require('./rtmp-session')

/** A connection says what it publishes within so long, or it ends. */
const PUBLISH_MS = 5000
/** So many connections at a time; those that publish nothing yet are counted, too. */
const MOST_CONNECTIONS = 32
/** A publisher that was silent for so long gives way to another one of its key. */
const SILENT_MS = 2000

/**
 * Receives publishers of several sources on one port. A wrong key, no key and a second publisher are refused before anything of theirs is read.
 */
class RtmpServer {
  /** Publishers that were refused. */
  refused = 0
  #places = new Map()
  #sessions = new Map()
  #server = net.createServer((socket) => this.#welcome(socket))
  #time

  /** @param {object} time `now`, `setTimeout`, `clearTimeout` */
  constructor (time) {
    this.#time = time
  }

  /** Begin to listen. */
  async listen (port, host) {
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
  }

  /** Where it listens. */
  get port () {
    return this.#server.address().port
  }

  /** Listen no more, and end every connection. */
  async close () {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const session of this.#sessions.keys()) session.close()
    await closed
  }

  /**
   * Let publishers of a source in.
   *
   * @param {object} place `app`, `key`
   * @param {object} to `begin(end)` when a publisher came, whose connection `end()` ends; `message({type, timestamp, payload})`,
   *   `gone()`; `refused(why)` when one was refused
   * @returns {() => void} lets none in any more, and ends the one there is
   */
  register ({ app, key }, to) {
    const place = { app, key: digest(key), to, session: null }
    this.#places.set(to, place)
    return () => {
      this.#places.delete(to)
      place.session?.close()
    }
  }

  #welcome (socket) {
    if (this.#sessions.size >= MOST_CONNECTIONS) return socket.destroy()
    let place = null
    const session = new RtmpSession(socket, {
      publish: (app, key) => {
        const { refused, found } = this.#judge(app, key)
        if (refused) {
          this.refused += 1
          found?.to.refused?.(refused.description)
          return refused
        }
        place = found
        place.session?.close()
        place.session = session
        this.#time.clearTimeout(timer)
        place.to.begin(() => session.close())
        return null
      },
      message: (message) => { if (place.session === session) place.to.message(message) },
      end: () => {
        this.#time.clearTimeout(timer)
        this.#sessions.delete(session)
        if (place?.session !== session) return
        place.session = null
        place.to.gone()
      }
    }, this.#time)
    const timer = this.#time.setTimeout(() => { if (!session.isPublishing) session.close() }, PUBLISH_MS)
    this.#sessions.set(session, socket)
  }

  #judge (app, key) {
    const given = digest(key)
    const found = [...this.#places.values()].find((place) => timingSafeEqual(place.key, given) && place.app === app)
    if (!found || key === '') return { refused: { code: 'NetStream.Publish.Denied', description: 'The stream key is wrong.' } }
    const isTaken = found.session !== null && this.#time.now() - found.session.lastByteAt < SILENT_MS
    return isTaken ? { found, refused: { code: 'NetStream.Publish.BadName', description: 'Another sender publishes with this key.' } } : { found }
  }
}

function digest (text) {
  return createHash('sha256').update(text).digest()
}

module.exports = { RtmpServer }
