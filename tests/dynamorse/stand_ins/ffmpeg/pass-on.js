'use strict'

/** Registers a type of node that passes grains on in its format, and says so in each of them. */
module.exports = function passOn (RED, type) {
  RED.nodes.registerType(type, function (config) {
    RED.nodes.createNode(this, config)
    // node-red-contrib-dynamorse-ffmpeg 0.1.17, nodes/valveCommon.js:24: read in the constructor, by every codec and packer.
    RED.settings.logging.console.level.toString()
    this.on('input', (message, send, done) => {
      const format = config.dstFormat || 'raw'
      send({ grain: Object.assign({}, message.grain, { format, passed: message.grain.passed.concat(type) }) })
      done()
    })
  })
}
