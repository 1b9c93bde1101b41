'use strict'

const http = require('http')
const https = require('https')
const { Grain, funnel, makeCable } = require('node-red-contrib-dynamorse-core')

/**
 * Pulls one grain after the other, or takes what is put, as node-red-contrib-dynamorse-http-io 0.1.5 does (lines of
 * util/ArachnidIn.js): a pull that finds nobody is tried again at once and floods the log (254); a grain that is not there
 * yet after 5 ms (157), one that is gone from a new start (165). maxBuffer and parallel count buffers (75), so without
 * them there is none to read into. What the flow does not set has no default: without protocol it asks by https.
 */
module.exports = (RED) => {
  RED.nodes.registerType('spm-http-in', function (config) {
    RED.nodes.createNode(this, config)
    const isPulled = config.mode !== 'push'
    const path = config.path.replace(/\/$/, '')
    config.pullURL.endsWith('/') // nodes/40-spm-http-in.js:35: read in every mode
    if (!(config.maxBuffer + config.parallel > 1)) this.error('no buffer to read into')
    let flowId = null
    let wanted = null
    let isClosed = false
    const grainOf = (headers, bytes) => {
      flowId = flowId || makeCable(this, tagsOf(headers))
      return new Grain([bytes], headers['arachnid-ptporigin'], flowId, headers['arachnid-grainduration'].split('/').map(Number))
    }
    const pull = (push, next) => {
      const again = (wait) => { if (!isClosed) setTimeout(() => pull(push, next), wait) }
      const where = wanted || `start/sid${Date.now()}/${config.parallel}/1`
      ;(config.protocol === 'HTTP' ? http : https).get(`${config.pullURL}:${config.port}${path}/${where}`, (response) => {
        bodyOf(response).then((bytes) => {
          if (response.statusCode === 302) {
            wanted = response.headers.location
            return again(0)
          }
          if (response.statusCode === 404) {
            this.warn(`Received not found, request ${path}/${where} - may be ahead of the game. Retrying.`)
            return again(5)
          }
          if (response.statusCode === 410) {
            wanted = null
            return again(0)
          }
          const grain = grainOf(response.headers, bytes)
          wanted = following(grain)
          push(grain)
          next()
        })
      }).on('error', (error) => {
        this.warn(`Received error when requesting frame from server: ${error.message}`)
        again(0)
      })
    }
    const received = []
    let server
    if (!isPulled) {
      server = http.createServer((request, response) => bodyOf(request).then((bytes) => {
        if (request.method !== 'PUT' || !request.url.startsWith(path + '/')) return response.writeHead(404).end()
        // 319: the queue's limit.
        if (received.length >= config.cacheSize) return response.writeHead(429).end()
        received.push(grainOf(request.headers, bytes))
        response.end('{}')
      })).listen(config.port)
    }
    const take = (push, next) => {
      if (received.length > 0) push(received.shift())
      setTimeout(next, received.length > 0 ? 0 : 2)
    }
    funnel(this, config, isPulled ? pull : take)
    this.begin()
    this.on('close', () => {
      isClosed = true
      if (server) server.close()
    })
  })
}

function bodyOf (message) {
  return new Promise((resolve) => {
    const chunks = []
    message.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks))).on('aborted', () => resolve(Buffer.alloc(0)))
  })
}

/** The format of a grain, by nodes/40-spm-http-in.js:46-67: only here `interlace` is read as a truth. */
function tagsOf (headers) {
  const [, format, encodingName] = headers['content-type'].match(/^\s*(\w+)\/([\w-]+)/)
  const tags = { format, encodingName, packing: headers['arachnid-packing'] || 'pgroup' }
  headers['content-type'].match(/\b(\w+)=(\S+)\b/g).forEach((parameter) => {
    const [name, value] = parameter.split('=')
    tags[name] = isNaN(+value) ? value : +value
    if (name === 'interlace') tags[name] = value === 'true'
  })
  return tags
}

/** The time of the grain after this one. */
function following ({ time, duration }) {
  const [seconds, nanoseconds] = time.split(':').map(Number)
  const next = nanoseconds + duration[0] / duration[1] * 1000000000
  return `${seconds + Math.floor(next / 1000000000)}:${String(Math.round(next % 1000000000)).padStart(9, '0')}`
}
