'use strict'

/** Registers a type of node that passes grains on in its format, and says so in each of them. */
module.exports = function passOn (RED, type) {
  RED.nodes.registerType(type, function (config) {
    RED.nodes.createNode(this, config)
    this.on('input', (message, send, done) => {
      const format = config.dstFormat || 'raw'
      send({ grain: Object.assign({}, message.grain, { format, passed: message.grain.passed.concat(type) }) })
      done()
    })
  })
}
