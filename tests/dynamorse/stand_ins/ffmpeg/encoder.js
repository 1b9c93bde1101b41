'use strict'

module.exports = (RED) => {
  RED.nodes.registerType('encoder', function (config) {
    RED.nodes.createNode(this, config)
    this.on('input', (message, send, done) => {
      const format = config.dstFormat || 'raw'
      send({ grain: Object.assign({}, message.grain, { format, passed: message.grain.passed.concat('encoder') }) })
      done()
    })
  })
}
