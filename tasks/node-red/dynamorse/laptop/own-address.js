'use strict'

/**
 * Preloaded (`node --require`) into dynamorse's Node-RED and all that it starts, where each machine of a production is a
 * loopback address of one computer. dynamorse's nodes listen on every interface and take localhost for their machine:
 *
 * - what would listen on every interface listens on NODE_RED_HOST;
 * - multicast (mDNS) is neither joined nor sent to;
 * - localhost's Node-RED and ledger are those of this machine, so that the installation of core, which posts a flow to
 *   localhost:1880 (core 0.2.1, scripts/dynamorse-setup.js:50), reaches nobody else's.
 */

const dgram = require('dgram')
const net = require('net')

const OWN = process.env.NODE_RED_HOST
const EVERYWHERE = [undefined, null, '', '0.0.0.0', '::']
/** Node-RED's port and the ledger's: what a module asks of localhost at any other is not for this machine. */
const OF_THE_MACHINE = ['1880', '3101']

const isPort = (value) => typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))

function narrow (options, name) {
  return EVERYWHERE.includes(options[name]) ? Object.assign({}, options, { [name]: OWN }) : options
}

/** The arguments of listen or bind with this machine's address in place of none. */
function narrowed (given, name) {
  const [first, second, ...rest] = given
  if (isPort(first)) {
    const hasAddress = typeof second === 'string' || second === null || second === undefined
    return hasAddress ? [first, EVERYWHERE.includes(second) ? OWN : second, ...rest] : [first, OWN, second, ...rest]
  }
  if (first && typeof first === 'object' && isPort(first.port) && !first.path) return [narrow(first, name), second, ...rest]
  return given
}

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  return listen.apply(this, narrowed(given, 'host'))
}

const bind = dgram.Socket.prototype.bind
dgram.Socket.prototype.bind = function (...given) {
  return bind.apply(this, narrowed(given, 'address'))
}
dgram.Socket.prototype.addMembership = function () {}
dgram.Socket.prototype.setMulticastInterface = function () {}
const send = dgram.Socket.prototype.send
dgram.Socket.prototype.send = function (...given) {
  const isMulticast = given.some((value) => typeof value === 'string' && /^(22[4-9]|23\d)\.|^ff/i.test(value))
  if (!isMulticast) return send.apply(this, given)
  const done = given[given.length - 1]
  if (typeof done === 'function') process.nextTick(done, null, 0)
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...given) {
  // Node.js's own callers give an array that they have put in order.
  const options = Array.isArray(given[0]) ? given[0][0] : given[0]
  const isOwn = options && typeof options === 'object' && options.host === 'localhost' && OF_THE_MACHINE.includes(String(options.port))
  if (isOwn) options.host = OWN
  return connect.apply(this, given)
}
