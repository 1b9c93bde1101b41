'use strict'

const { chainsOf } = require('../lib/chains.js')
const { endInOrder, exitForSure } = require('../lib/ending.js')

/** What organist's functions ask of a machine with dynamorse's nodes, under the names that the media nodes have for it. */
module.exports = (RED) => {
  const { flow, faults, uploads } = RED.settings.dynamorse
  const may = (permission) => RED.auth.needsPermission(permission)

  RED.httpAdmin.get('/production/metrics', may('flows.read'), (request, response) => {
    response.json({
      instanceName: process.env.INSTANCE_NAME || null,
      productionId: process.env.PRODUCTION_ID || null,
      chains: chainsOf(RED, { flow, faults, uploads })
    })
  })

  exitForSure()
  // Node-RED sets its own handlers once it has read its settings, and loads its nodes after that.
  process.removeAllListeners('SIGTERM')
  process.on('SIGTERM', () => endInOrder(require.main.require('./lib/red.js'), uploads))
}
