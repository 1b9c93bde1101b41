'use strict'

/** Registers a type of configuration node that does nothing but be there. */
module.exports = function configuration (RED, type) {
  RED.nodes.registerType(type, function (config) { RED.nodes.createNode(this, config) })
}
