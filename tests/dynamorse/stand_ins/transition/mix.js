'use strict'

const dgram = require('dgram')
const { Grain, valve, makeCable, findCables } = require('node-red-contrib-dynamorse-core')

const OSC = 8000 // whatever oscPort says: node-red-contrib-dynamorse-transition 0.1.13, util/oscServer.js:19

/**
 * Mixes pictures of two cables, one of each at a time, as node-red-contrib-dynamorse-transition 0.1.13 does: the
 * constructor reads logging.console.level (nodes/transValve.js:24); the fader is OSC on every interface (util/oscServer.js:23);
 * only planes of 4:2:0 are mixed here, of one packing (codecadon 0.1.18, src/Stamper.cc:172-183).
 */
module.exports = (RED) => {
  RED.nodes.registerType('mix', function (config) {
    RED.nodes.createNode(this, config)
    RED.settings.logging.console.level.toString()
    let weight = +config.mix
    const socket = dgram.createSocket('udp4', (packet) => {
      const { address, value } = readOsc(packet)
      if (address === config.mixControl) weight = value
    })
    socket.on('error', (error) => this.log(`OSC port error: ${error.message}`))
    socket.bind(OSC, '0.0.0.0')
    let ready = null
    const waiting = new Map()
    valve(this, config, (grain, push, next) => {
      if (!Grain.isGrain(grain)) return next()
      ready = ready || findCables(RED, this).then((cables) => {
        cables.forEach(({ tags }) => { if (tags.packing !== '420P') throw new Error(`Unsupported source format '${tags.packing}'`) })
        cables.forEach(({ flowId }) => waiting.set(flowId, []))
        return makeCable(this, cables[0].tags)
      })
      ready.then((flowId) => {
        const queue = waiting.get(grain.flowId)
        if (!queue) return next()
        queue.push({ grain, next })
        const queues = Array.from(waiting.values())
        if (queues.some(({ length }) => length === 0)) return
        const [first, second] = queues.map((one) => one.shift())
        push(new Grain([mixed(first.grain.buffers[0], second.grain.buffers[0], weight)], first.grain.time, flowId, first.grain.duration))
        first.next()
        second.next()
      }).catch((error) => {
        this.error(error.message)
        next()
      })
    })
    this.on('close', () => socket.close())
  })
}

function mixed (first, second, weight) {
  const picture = Buffer.allocUnsafe(first.length)
  for (let at = 0; at < picture.length; at++) picture[at] = first[at] * weight + second[at] * (1 - weight)
  return picture
}

/** An OSC message of one float. */
function readOsc (packet) {
  const end = packet.indexOf(0)
  const types = (end | 3) + 1
  const isFloat = packet.toString('latin1', types, types + 2) === ',f'
  return { address: packet.toString('latin1', 0, end), value: isFloat ? packet.readFloatBE(types + 4) : NaN }
}
