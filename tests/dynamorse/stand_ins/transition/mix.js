'use strict'

/** Passes a grain on once there is one of each of two sources, with the weight of the first. */
module.exports = (RED) => {
  RED.nodes.registerType('mix', function (config) {
    RED.nodes.createNode(this, config)
    // node-red-contrib-dynamorse-transition 0.1.13, nodes/transValve.js:24: read in the constructor.
    RED.settings.logging.console.level.toString()
    const latest = {}
    this.on('input', (message, send, done) => {
      latest[message.grain.source] = message.grain
      const sources = Object.keys(latest).sort()
      if (sources.length > 1) {
        send({ grain: Object.assign({}, message.grain, { mixed: sources, weight: Number(config.mix), passed: message.grain.passed.concat('mix') }) })
      }
      done()
    })
  })
}
