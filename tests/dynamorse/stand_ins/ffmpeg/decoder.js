'use strict'

module.exports = (RED) => {
  RED.nodes.registerType('decoder', function (config) {
    RED.nodes.createNode(this, config)
    this.on('input', (message, send, done) => {
      const format = config.dstFormat || 'raw'
      send({ grain: Object.assign({}, message.grain, { format, passed: message.grain.passed.concat('decoder') }) })
      done()
    })
  })
}
