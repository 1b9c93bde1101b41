'use strict'

const fs = require('fs')
const path = require('path')

/** Keeps every grain in a file of the machine, named as the object would be. */
module.exports = (RED) => {
  RED.nodes.registerType('cloud-store-out', function (config) {
    RED.nodes.createNode(this, config)
    const file = path.join(RED.settings.userDir, `${config.bucket}-${path.basename(config.key)}.ndjson`)
    this.on('input', (message, send, done) => fs.appendFile(file, JSON.stringify(message.grain) + '\n', done))
  })
}
