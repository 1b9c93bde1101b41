'use strict'

const dgram = require('node:dgram')
const { EventEmitter, once } = require('node:events')

/** Of a STUN message (RFC 8489, 5 and 14): its mark, its header, and the attribute that says who asks whom. */
const [MAGIC_COOKIE, STUN_HEADER_BYTES, USERNAME] = [0x2112a442, 20, 0x0006]
/** A browser says something several times in a second; one that has not for so long is gone. */
const SILENT_MS = 8000
const LOOK_MS = 1000
/** A browser has a few addresses of its own. */
const MOST_WAYS = 8
const INSIDE = '127.0.0.1'

/** Whom a STUN request is for, and from whom: "ours:theirs"; null in any other packet. */
function userOf (packet) {
  if (packet.length < STUN_HEADER_BYTES || packet[0] > 3 || packet.readUInt32BE(4) !== MAGIC_COOKIE) return null
  for (let at = STUN_HEADER_BYTES; at + 4 <= packet.length;) {
    const [type, length] = [packet.readUInt16BE(at), packet.readUInt16BE(at + 2)]
    if (type === USERNAME) return packet.toString('utf8', at + 4, at + 4 + length)
    at += 4 + ((length + 3) & ~3)
  }
  return null
}

/**
 * One UDP port for all viewers, whose connections have each a port of their own inside this machine: a firewall has one hole, and one
 * port is mapped. Who sends is known by the first request that a browser makes.
 *
 * Events: `silent` (user) of a viewer from whom nothing has come for a while.
 */
class UdpPort extends EventEmitter {
  #outside = dgram.createSocket('udp4')
  #users = new Map()
  #ways = new Map()
  #time
  #timer = null

  /** @param {object} time `now`, `setTimeout`, `clearTimeout` */
  constructor (time) {
    super()
    this.#time = time
    this.#outside.on('message', (packet, from) => this.#came(packet, from))
  }

  /** @throws {Error} when the port cannot be had */
  async listen (port, address) {
    this.#outside.bind(port, address)
    await once(this.#outside, 'listening')
    this.#look()
  }

  get port () {
    return this.#outside.address().port
  }

  /** A viewer, by the names of both ends ("ours:theirs"), whose connection listens on `port` inside. */
  add (user, port) {
    this.#users.set(user, { port, heardAt: this.#time.now(), ways: [] })
  }

  remove (user) {
    for (const { key, socket } of this.#users.get(user)?.ways ?? []) {
      this.#ways.delete(key)
      socket.close()
    }
    this.#users.delete(user)
  }

  close () {
    this.#time.clearTimeout(this.#timer)
    for (const user of [...this.#users.keys()]) this.remove(user)
    this.#outside.close()
  }

  #came (packet, { address, port }) {
    const key = `${address}:${port}`
    const way = this.#ways.get(key) ?? this.#begin(userOf(packet), { key, address, port })
    if (!way) return
    way.user.heardAt = this.#time.now()
    way.socket.send(packet, way.user.port, INSIDE)
  }

  #begin (name, { key, address, port }) {
    const user = this.#users.get(name)
    if (!user || user.ways.length >= MOST_WAYS) return null
    const socket = dgram.createSocket('udp4').bind(0, INSIDE)
    // What comes from inside goes to nobody else; a packet that cannot be sent is lost, as any may be.
    socket.on('message', (packet) => this.#outside.send(packet, port, address, () => {}))
    socket.on('error', () => {})
    const way = { key, socket, user }
    user.ways.push(way)
    this.#ways.set(key, way)
    return way
  }

  #look () {
    for (const [name, { heardAt }] of this.#users) if (this.#time.now() - heardAt >= SILENT_MS) this.emit('silent', name)
    this.#timer = this.#time.setTimeout(() => this.#look(), LOOK_MS)
  }
}

module.exports = { INSIDE, SILENT_MS, UdpPort, userOf }
