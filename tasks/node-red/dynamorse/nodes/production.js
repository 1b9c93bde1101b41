'use strict'

const { chainsOf } = require('../lib/chains.js')
const { OscFader, WrongFade, readFade } = require('../lib/osc-fader.js')
const { endInOrder, exitForSure } = require('../lib/ending.js')

const LONGEST_BODY = 10000

/** The mixer's node as it is deployed, or undefined. */
function mixerOf (RED) {
  let mixer
  RED.nodes.eachNode((node) => { if (node.type === 'mix') mixer = node })
  return mixer
}

function noMixer (response) {
  response.status(404).json({ error: 'no mixer is deployed on this machine' })
}

/** Node-RED has parsed a body that says it is JSON; any other is still to be read. */
function readBody (request) {
  if (request.body && Object.keys(request.body).length > 0) return Promise.resolve(request.body)
  return new Promise((resolve, reject) => {
    let text = ''
    request.on('data', (chunk) => { text = (text + chunk).slice(0, LONGEST_BODY) })
    request.on('end', () => {
      try {
        resolve(JSON.parse(text))
      } catch (error) {
        reject(new WrongFade('the body must be JSON such as {"fader": 0.5, "seconds": 2}'))
      }
    })
  })
}

/** What organist's functions ask of a machine with dynamorse's nodes, under the names that the media nodes have for it. */
module.exports = (RED) => {
  const { flow, faults, uploads } = RED.settings.dynamorse
  const may = (permission) => RED.auth.needsPermission(permission)

  RED.httpAdmin.get('/production/metrics', may('flows.read'), (request, response) => {
    response.json({
      instanceName: process.env.INSTANCE_NAME || null,
      productionId: process.env.PRODUCTION_ID || null,
      chains: chainsOf(RED, { flow, faults, uploads })
    })
  })

  const fader = new OscFader(process.env.NODE_RED_HOST)
  RED.httpAdmin.get('/production/fader', may('flows.read'), (request, response) => {
    const mixer = mixerOf(RED)
    if (!mixer) return noMixer(response)
    response.json({ fader: fader.position === null ? Number(mixer.mix) : fader.position })
  })
  RED.httpAdmin.post('/production/fader', may('flows.write'), (request, response) => {
    readBody(request).then((body) => {
      const fade = readFade(body)
      const mixer = mixerOf(RED)
      if (!mixer) return noMixer(response)
      fader.move(fade, Number(mixer.mix))
      response.json(fade)
    }).catch((error) => {
      response.status(error instanceof WrongFade ? 400 : 500).json({ error: error.message })
    })
  })

  exitForSure()
  // Node-RED sets its own handlers once it has read its settings, and loads its nodes after that.
  process.removeAllListeners('SIGTERM')
  process.on('SIGTERM', () => endInOrder(require.main.require('./lib/red.js'), uploads))
}
