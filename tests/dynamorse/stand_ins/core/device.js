'use strict'

module.exports = (RED) => {
  RED.nodes.registerType('device', function (config) { RED.nodes.createNode(this, config) })
}
