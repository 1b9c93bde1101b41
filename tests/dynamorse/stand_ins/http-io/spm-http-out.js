'use strict'

const http = require('http')

const HOST = process.env.NODE_RED_HOST || '127.0.0.1'

/**
 * Opens its port with the first grain, as the real node does, and answers each GET with the next one. What the flow
 * does not set has no default, as in the real node: without mode there is no server, and it speaks https.
 */
module.exports = (RED) => {
  RED.nodes.registerType('spm-http-out', function (config) {
    RED.nodes.createNode(this, config)
    config.pushURL.endsWith('/') // the real node reads it in every mode
    if (config.protocol !== 'HTTP') this.error(`the stand-in has no certificate for ${config.protocol}`)
    const opens = config.mode === 'pull' && config.protocol === 'HTTP' && Number(config.cacheSize) > 0
    const waiting = []
    let server
    const answer = (request, response) => {
      if (request.url === config.path) waiting.push(response)
      else response.writeHead(404).end()
    }
    this.on('input', (message, send, done) => {
      if (!server && opens) {
        server = http.createServer(answer).on('error', (error) => this.error(error.message))
        server.listen(Number(config.port), HOST)
      }
      const body = JSON.stringify(message.grain)
      waiting.splice(0).forEach((response) => response.end(body))
      done()
    })
    this.on('close', (done) => {
      waiting.splice(0).forEach((response) => response.destroy())
      if (server) server.close(() => done())
      else done()
    })
  })
}
