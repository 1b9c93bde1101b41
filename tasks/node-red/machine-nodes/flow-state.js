'use strict'

/** Of these there are no nodes to construct. */
const WITHOUT_NODES = ['tab', 'group', 'subflow']

/**
 * `GET /production/flow`: the nodes of the deployed flows that are not there, because their constructor threw, each with
 * what it threw. Node-RED answers 200 to such a flow and runs the rest. Written in what Node.js 12 understands.
 */
module.exports = (RED) => {
  RED.httpAdmin.get('/production/flow', RED.auth.needsPermission('flows.read'), (request, response) => {
    const missing = []
    RED.nodes.eachNode(({ id, type, name }) => {
      if (WITHOUT_NODES.includes(type) || RED.nodes.getNode(id)) return
      missing.push({ id, type, name: name || '', error: RED.settings.nodeErrors.get(id) || null })
    })
    response.json({ missing })
  })
}
