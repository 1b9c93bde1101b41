'use strict'

const { registerRoutes } = require('./http/http-routes')
const { readFormat, readPart } = require('./part')
const { Production } = require('./production')

let production = null

/** This Node-RED's production: made when the first media node type is loaded, the same for all of them. */
function productionOf (RED) {
  if (production) return production
  const log = { info: (text) => RED.log.info(text), warn: (text) => RED.log.warn(text) }
  production = new Production(log, process.env)
  RED.events.on('flows:started', () => {
    production.refresh().catch((error) => RED.log.error(`The media chains cannot be started: ${error.stack}`))
  })
  registerRoutes(RED, production)
  return production
}

/**
 * Register a node type that plays a part in a chain, from the node's making to its close.
 *
 * @param {object} RED Node-RED's API for the module
 * @param {string} type node type
 * @param {object} [more] `credentials` (Node-RED's definition of them), `made(node, part, production)` for what the
 *   type does beside
 */
function registerPart (RED, type, { credentials, made } = {}) {
  const mine = productionOf(RED)
  function MediaNode (config) {
    RED.nodes.createNode(this, config)
    const format = RED.nodes.getNode(config.format)?.format
    const part = readPart(config, { format, ...this.credentials })
    mine.add(part, this)
    this.on('close', () => mine.remove(part.id))
    made?.(this, part, mine)
  }
  RED.nodes.registerType(type, MediaNode, credentials ? { credentials } : {})
}

/** Register the node type that holds a picture format; sources, mixers and links name it. */
function registerFormat (RED, type) {
  function FormatNode (config) {
    RED.nodes.createNode(this, config)
    this.format = readFormat(config)
  }
  RED.nodes.registerType(type, FormatNode)
}

module.exports = { registerPart, registerFormat }
