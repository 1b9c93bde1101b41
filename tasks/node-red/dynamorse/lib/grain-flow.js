'use strict'

const http = require('http')

/**
 * What flows through dynamorse's nodes, by the documents that each of them sends to the logger of `self` every second:
 * `PUT /redioactive` with `{redioactive: {nodeID, grainFlow}}` (core 0.2.1, util/Redioactive.js:452-848). It stands
 * between the nodes and the collector of the deployment, where there is one, and hands every document on.
 */
class GrainFlow {
  /** @param {NodeJS.ProcessEnv} environment LOG_HOSTNAME and LOG_PORT: the collector's; set to this logger's own */
  constructor (environment) {
    this.collector = environment.LOG_PORT ? { host: environment.LOG_HOSTNAME, port: environment.LOG_PORT } : null
    this.nodes = new Map()
    this.server = http.createServer((request, response) => this.take(request, response))
    this.server.listen(0, '127.0.0.1', () => {
      environment.LOG_HOSTNAME = '127.0.0.1'
      environment.LOG_PORT = String(this.server.address().port)
    })
    // By itself it keeps no process up.
    this.server.unref()
  }

  /** How many pictures a node has made or taken, how many in its last second, and when it began; null before its first word. */
  figuresOf (nodeId) {
    return this.nodes.get(nodeId) || null
  }

  take (request, response) {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const body = Buffer.concat(chunks)
      response.writeHead(this.count(body) ? 204 : 400).end()
      if (this.collector) this.handOn(request, body)
    })
  }

  count (body) {
    let told
    try {
      told = JSON.parse(body).redioactive
    } catch (error) {
      return false
    }
    if (!told) return true
    const before = this.nodes.get(told.nodeID) || { frames: 0, startedAt: new Date().toISOString() }
    this.nodes.set(told.nodeID, Object.assign(before, { frames: before.frames + told.grainFlow, frameRate: told.grainFlow }))
    return true
  }

  handOn (request, body) {
    const { method, url } = request
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }
    // The collector may be gone: figures are no reason to stop.
    http.request(Object.assign({ method, path: url, headers }, this.collector), (answer) => answer.resume()).on('error', () => {}).end(body)
  }
}

module.exports = { GrainFlow }
