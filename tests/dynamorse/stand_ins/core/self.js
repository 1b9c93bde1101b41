'use strict'

const http = require('http')

/**
 * As in node-red-contrib-dynamorse-core 0.2.1, nodes/self.js: what the nodes share lives in the settings'
 * functionGlobalContext (250); the ledger opens LEDGER_PORT, 3101 without, on every interface (246, 259); the logger
 * sends PUT /redioactive to LOG_HOSTNAME:LOG_PORT, and nothing without a port (229).
 */
module.exports = (RED) => {
  RED.nodes.registerType('self', function (config) {
    RED.nodes.createNode(this, config)
    const shared = RED.settings.functionGlobalContext
    if (!shared.get('ledger')) {
      shared.set('ledger', http.createServer((request, response) => response.end('{}')).listen(+(process.env.LEDGER_PORT || 3101)))
      shared.set('genericID', 'generic')
      shared.set('pipelinesID', 'pipelines')
    }
    if (!shared.get('logger')) shared.set('logger', logger(process.env.LOG_HOSTNAME || '127.0.0.1', +(process.env.LOG_PORT || 0)))
  })
}

function logger (hostname, port) {
  return {
    send (document) {
      if (!port) return
      const body = JSON.stringify(document)
      const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }
      http.request({ host: hostname, port, path: '/redioactive', method: 'PUT', headers }, (response) => response.resume())
        .on('error', (error) => console.error(error.message))
        .end(body)
    }
  }
}
