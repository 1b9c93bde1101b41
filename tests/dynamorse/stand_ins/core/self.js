'use strict'

module.exports = (RED) => {
  RED.nodes.registerType('self', function (config) { RED.nodes.createNode(this, config) })
}
