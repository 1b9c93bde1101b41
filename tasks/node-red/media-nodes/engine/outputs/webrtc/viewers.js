'use strict'

const { randomUUID } = require('node:crypto')
const { TooManyViewers } = require('./signalling')
const { Viewer } = require('./viewer')

/** Each costs about a twentieth of a processor; beyond, there is HLS. */
const MOST_VIEWERS = 12
/** The rendition goes on so long after the last viewer, who may only have loaded the page again. */
const LINGER_MS = 3000

/** Everybody who watches with low latency: the rendition is made only for them. */
class Viewers {
  #rendition
  #udpPort
  #time
  #viewers = new Map()
  #timer = null

  /**
   * @param {Rendition} rendition
   * @param {UdpPort} udpPort
   * @param {object} time `setTimeout`, `clearTimeout`
   */
  constructor (rendition, udpPort, time) {
    this.#rendition = rendition
    this.#udpPort = udpPort
    this.#time = time
    rendition.on('packet', (kind, packet) => {
      for (const { viewer, isConnected } of this.#viewers.values()) if (isConnected) viewer.send(kind, packet)
    })
    udpPort.on('silent', (user) => {
      for (const [id, one] of this.#viewers) if (one.user === user) this.remove(id)
    })
  }

  /**
   * @param {object} asked `offer` (SDP), `address` by which the machine was called
   * @returns {Promise<{id: string, answer: string}>}
   * @throws {TooManyViewers}
   * @throws {WrongOffer}
   */
  async add ({ offer, address }) {
    if (this.#viewers.size >= MOST_VIEWERS) throw new TooManyViewers(MOST_VIEWERS)
    const id = randomUUID()
    const viewer = new Viewer((isConnected) => this.#changed(id, isConnected))
    const one = { viewer, user: null, isConnected: false }
    this.#viewers.set(id, one)
    this.#time.clearTimeout(this.#timer)
    this.#rendition.start()
    try {
      const { answer, user, port } = await viewer.answer(String(offer), { address, port: this.#udpPort.port })
      one.user = user
      this.#udpPort.add(user, port)
      return { id, answer }
    } catch (error) {
      await this.remove(id)
      throw error
    }
  }

  /** One who is not there has gone already. */
  async remove (id) {
    const one = this.#viewers.get(id)
    if (!one) return
    this.#viewers.delete(id)
    if (one.user) this.#udpPort.remove(one.user)
    if (this.#viewers.size === 0) this.#timer = this.#time.setTimeout(() => this.#rendition.stop(), LINGER_MS)
    await one.viewer.close()
  }

  async close () {
    this.#time.clearTimeout(this.#timer)
    await Promise.all([...this.#viewers.keys()].map((id) => this.remove(id)))
    this.#time.clearTimeout(this.#timer)
    await this.#rendition.stop()
  }

  #changed (id, isConnected) {
    const one = this.#viewers.get(id)
    if (!one) return
    if (!isConnected) this.remove(id)
    else if (!one.isConnected) {
      one.isConnected = true
      for (const packet of this.#rendition.group) one.viewer.send('video', packet)
    }
  }
}

module.exports = { MOST_VIEWERS, Viewers }
