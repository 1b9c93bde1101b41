'use strict'

const http = require('http')
const { Grain, spout, findCables } = require('node-red-contrib-dynamorse-core')

/**
 * Answers each GET of a grain's time, as node-red-contrib-dynamorse-http-io 0.1.5 does (lines of nodes/40-spm-http-out.js):
 * path and pushURL are read in every mode (44, 52); the port opens with the first grain, on every interface (119); with
 * backpressure true the next grain is asked for when this one is fetched (137), with false after `timeout` ms (144), else never.
 * What the flow does not set has no default: without mode there is no server, and it speaks https.
 */
module.exports = (RED) => {
  RED.nodes.registerType('spm-http-out', function (config) {
    RED.nodes.createNode(this, config)
    config.path = config.path.replace(/\/$/, '')
    config.pushURL.endsWith('/')
    if (config.protocol !== 'HTTP') this.error(`the stand-in has no certificate for ${config.protocol}`)
    let cache = []
    let tags, server, began
    let count = 0
    const answer = (request, response) => {
      const wanted = decodeURIComponent(request.url.slice(config.path.length + 1))
      const newest = cache[cache.length - 1]
      if (!request.url.startsWith(config.path + '/')) return response.writeHead(404).end()
      // util/ArachnidOut.js:92: a start is sent on to the newest grain.
      if (wanted.startsWith('start/')) return response.writeHead(302, { Location: newest.grain.time }).end()
      const found = cache.find(({ grain }) => Math.abs(milliseconds(grain.time) - milliseconds(wanted)) <= 1)
      // 200-214: a grain that is gone, and one that is not there yet.
      if (!found) return response.writeHead(milliseconds(wanted) < milliseconds(cache[0].grain.time) ? 410 : 404).end()
      const [numerator, denominator] = found.grain.duration
      response.writeHead(200, {
        'Content-Type': `video/${tags.encodingName}; sampling=${tags.sampling}; width=${tags.width}; height=${tags.height}; depth=${tags.depth}; colorimetry=${tags.colorimetry}; interlace=${tags.interlace}`,
        'Content-Length': found.grain.buffers[0].length,
        'Arachnid-PTPOrigin': found.grain.time,
        'Arachnid-Packing': tags.packing,
        'Arachnid-GrainDuration': `${numerator}/${denominator}`
      })
      response.end(found.grain.buffers[0])
      found.next()
    }
    const open = () => findCables(RED, this).then(([cable]) => {
      tags = cable.tags
      began = Date.now()
      if (config.mode === 'pull') server = http.createServer(answer).on('error', (error) => this.warn(error.message)).listen(config.port)
    })
    let ready = null
    spout(this, config, (grain, next) => {
      if (!Grain.isGrain(grain)) return next()
      ready = ready || open()
      ready.then(() => {
        cache.push({ grain, next: config.backpressure === true ? once(next) : () => {} })
        if (cache.length > config.cacheSize) cache = cache.slice(-config.cacheSize)
        if (config.backpressure !== false) return
        count += 1
        setTimeout(next, count * config.timeout - (Date.now() - began))
      }).catch((error) => this.error(error.message))
    })
    this.on('close', () => { if (server) server.close() })
  })
}

function milliseconds (time) {
  const [seconds, nanoseconds] = time.split(':')
  return +seconds * 1000 + Math.floor(+nanoseconds / 1000000)
}

function once (call) {
  let isDone = false
  return () => {
    if (!isDone) call()
    isDone = true
  }
}
