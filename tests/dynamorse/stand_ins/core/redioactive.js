'use strict'

/**
 * Nodes that send on demand, with what node-red-contrib-dynamorse-core 0.2.1 does of it (lines of util/Redioactive.js):
 * a payload is sent once every wire has asked (288, 540); a queue has 10 places without maxBuffer (270), and what comes
 * to a full one is dropped (334, 584); each node tells the logger of `self` every second what it did, and throws without
 * one (452, 686, 830); a cable is made under a node id that has a dot (179), and looked for for 2 s (233).
 */

const os = require('os')

const STATISTICS = 1000 // ms
const PATIENCE = 2000 // ms
const cables = new Map()
const waiting = []

/** Tells the logger every second how many payloads `work` counted. */
function tellLogger (node, redioType, work) {
  const logger = node.context().global.get('logger')
  const nodeType = node.type.replace(/\W/g, '_')
  const timer = setInterval(() => {
    logger.send({
      redioactive: { host: os.hostname(), pid: process.pid, redioType, nodeType, nodeName: nodeType, nodeID: node.id, grainFlow: work.count, nodeWorkAvg: 0 }
    })
    work.count = 0
  }, STATISTICS)
  node.on('close', () => { setTimeout(() => clearInterval(timer), 2 * STATISTICS) })
}

/** The sending side of a node: `push(payload)`, and `isFull()`; calls `onRoom` when the queue has room again. */
function sender (node, config, onRoom) {
  const wires = config.wires[0]
  const places = Number(config.maxBuffer) > 0 ? Number(config.maxBuffer) | 0 : 10
  const queue = []
  let asked = wires.slice()
  const sendNext = () => {
    if (queue.length === 0 || asked.length < wires.length) return
    asked = []
    node.send({ payload: queue.shift(), error: null, pull })
  }
  const pull = (id) => {
    if (!asked.includes(id)) asked.push(id)
    sendNext()
    if (queue.length < places / 2) onRoom()
  }
  return {
    isFull: () => queue.length > 0.8 * places,
    push (payload) {
      if (queue.length <= places) queue.push(payload)
      else node.warn('Dropping a value from the buffer')
      sendNext()
    }
  }
}

/** A node that makes payloads: calls `work(push, next)` again after each `next()`. */
function funnel (node, config, work) {
  const done = { count: 0 }
  let isClosed = false
  let isPaused = false
  const resume = () => {
    if (!isPaused) return
    isPaused = false
    next()
  }
  const out = sender(node, config, resume)
  const next = () => setImmediate(() => {
    if (isClosed) return
    if (out.isFull()) isPaused = true
    else work(push, next)
  })
  const push = (payload) => {
    done.count += 1
    out.push(payload)
  }
  tellLogger(node, 'funnel', done)
  node.on('close', () => { isClosed = true })
  node.begin = next
}

/** A node that makes payloads of payloads: calls `work(payload, push, next)` for each. */
function valve (node, config, work) {
  const done = { count: 0 }
  let paused = []
  const out = sender(node, config, () => paused.splice(0).forEach((pull) => setImmediate(() => pull(node.id))))
  tellLogger(node, 'valve', done)
  node.on('input', (message) => work(message.payload, out.push, () => {
    done.count += 1
    if (out.isFull()) paused.push(message.pull)
    else setImmediate(() => message.pull(node.id))
  }))
}

/** A node that takes payloads: calls `each(payload, next)`. */
function spout (node, config, each) {
  const done = { count: 0 }
  tellLogger(node, 'spout', done)
  node.on('input', (message) => each(message.payload, () => {
    done.count += 1
    setImmediate(() => message.pull(node.id))
  }))
}

/** Says what a node sends: `{tags}` of its picture. Returns the flow's id. */
function makeCable (node, tags) {
  const [left, right] = node.id.split('.')
  const flowId = `${left.padStart(8, '0')}-${right.padStart(6, '0')}-${Date.now()}`
  cables.set(node.id, { flowId, tags })
  waiting.splice(0).forEach((look) => look())
  return flowId
}

/** What the nodes send that are wired to a node; rejects if they do not say so in time. */
function findCables (RED, node) {
  const sources = []
  RED.nodes.eachNode((other) => { if ((other.wires || []).some((wires) => wires.includes(node.id))) sources.push(other.id) })
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`Unable to find input wire for node with ID ${node.id} of type ${node.type} within 2s.`)), PATIENCE)
    const look = () => {
      if (!sources.every((id) => cables.has(id))) return waiting.push(look)
      clearTimeout(late)
      resolve(sources.map((id) => cables.get(id)))
    }
    look()
  })
}

module.exports = { funnel, valve, spout, makeCable, findCables }
