'use strict'

module.exports = (RED) => {
  RED.nodes.registerType('rtp-ext', function (config) { RED.nodes.createNode(this, config) })
}
