'use strict'

const INTERVAL = 100 // ms

module.exports = (RED) => {
  RED.nodes.registerType('cloud-store-in', function (config) {
    RED.nodes.createNode(this, config)
    let number = 0
    const timer = setInterval(() => {
      number += 1
      this.send({ grain: { number, source: `${config.bucket}/${config.key}`, passed: ['cloud-store-in'] } })
    }, INTERVAL)
    this.on('close', () => clearInterval(timer))
  })
}
