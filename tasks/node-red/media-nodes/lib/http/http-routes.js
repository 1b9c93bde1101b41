'use strict'

const { EngineRefused } = require('../engines')
const { WrongFade } = require('../fader')

const LONGEST_BODY = 10_000

/** Node-RED has parsed a body that says it is JSON; any other is still to be read. */
function readBody (request) {
  if (request.readableEnded) return Promise.resolve(request.body)
  return new Promise((resolve, reject) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk) => { text = (text + chunk).slice(0, LONGEST_BODY) })
    request.on('end', () => resolve(text))
    request.on('error', reject)
  })
}

function asWish (body) {
  if (typeof body === 'object') return body
  try {
    return JSON.parse(body)
  } catch {
    throw new WrongFade('the body must be JSON such as {"fader": 0.5, "seconds": 2}')
  }
}

async function postFader (production, request, response) {
  try {
    const wish = asWish(await readBody(request))
    if (wish === null || typeof wish !== 'object' || Array.isArray(wish)) {
      throw new WrongFade('the body must be an object such as {"fader": 0.5, "seconds": 2}')
    }
    const fade = await production.moveFader(wish)
    if (fade) response.json(fade)
    else noMixer(response)
  } catch (error) {
    if (!(error instanceof WrongFade || error instanceof EngineRefused)) throw error
    response.status(error instanceof WrongFade ? 400 : 409).json({ error: error.message })
  }
}

function noMixer (response) {
  response.status(404).json({ error: 'no mixer is deployed on this machine' })
}

/** Register `/production/…` on Node-RED's admin API, behind its sign-in. */
function registerRoutes (RED, production) {
  const may = (permission) => RED.auth.needsPermission(permission)
  RED.httpAdmin.get('/production/metrics', may('flows.read'), (request, response) => response.json(production.metrics))
  RED.httpAdmin.get('/production/fader', may('flows.read'), (request, response) => {
    const fader = production.faderPosition
    if (fader === null) noMixer(response)
    else response.json({ fader })
  })
  RED.httpAdmin.post('/production/fader', may('flows.write'), (request, response, next) => {
    postFader(production, request, response).catch(next)
  })
}

module.exports = { registerRoutes }
