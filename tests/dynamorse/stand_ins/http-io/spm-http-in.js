'use strict'

const http = require('http')
const https = require('https')

const AGAIN = 500 // ms after a failed pull

/**
 * Pulls one grain after the other; a pull that fails is logged, as the real node floods its log. What the flow does not
 * set has no default, as in the real node: without parallel it asks for nothing, without protocol it asks by https.
 */
module.exports = (RED) => {
  RED.nodes.registerType('spm-http-in', function (config) {
    RED.nodes.createNode(this, config)
    const protocol = config.protocol === 'HTTP' ? http : https
    let timer
    let closed = false
    let request
    const later = () => { if (!closed) timer = setTimeout(pull, AGAIN) }
    const pull = () => {
      request = protocol.get(`${config.pullURL}:${config.port}${config.path}`, (response) => {
        if (response.statusCode !== 200) {
          response.resume()
          this.error(`cannot pull: status ${response.statusCode}`)
          return later()
        }
        let body = ''
        response.on('data', (chunk) => { body += chunk })
        response.on('end', () => {
          const grain = JSON.parse(body)
          this.send({ grain: Object.assign({}, grain, { passed: grain.passed.concat('spm-http-in') }) })
          if (!closed) pull()
        })
        response.on('aborted', later)
      })
      request.on('error', (error) => {
        if (!closed) this.error(`cannot pull: ${error.message}`)
        later()
      })
    }
    if (config.mode === 'pull' && Number(config.parallel) > 0) pull()
    this.on('close', () => {
      closed = true
      clearTimeout(timer)
      if (request) request.destroy()
    })
  })
}
