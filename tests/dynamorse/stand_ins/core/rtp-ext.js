'use strict'

/** As in node-red-contrib-dynamorse-core 0.2.1, nodes/rtp-ext.js:22-26. */
module.exports = (RED) => {
  RED.nodes.registerType('rtp-ext', function (config) {
    RED.nodes.createNode(this, config)
    RED.settings.functionGlobalContext.set('rtp_ext_id', this.id)
    RED.settings.functionGlobalContext.set('updated', true)
  })
}
