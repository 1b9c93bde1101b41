'use strict'

/** As in node-red-contrib-dynamorse-core 0.2.1, nodes/device.js:19-21: its type decides which device of `self` it is. */
module.exports = (RED) => {
  RED.nodes.registerType('device', function (config) {
    RED.nodes.createNode(this, config)
    const isGeneric = config.nmos_type.endsWith(':generic')
    this.nmos_id = RED.settings.functionGlobalContext.get(isGeneric ? 'genericID' : 'pipelinesID')
    if (!this.nmos_id) this.error('the device was made before self')
  })
}
