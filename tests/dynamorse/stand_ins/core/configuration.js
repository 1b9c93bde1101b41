'use strict'

/**
 * Registers a type of configuration node. As in the real module, its nodes share what they know in the settings'
 * functionGlobalContext, and are not made without it.
 */
module.exports = function configuration (RED, type, share) {
  RED.nodes.registerType(type, function (config) {
    RED.nodes.createNode(this, config)
    share(RED.settings.functionGlobalContext, config, this)
  })
}
