'use strict'

const http = require('node:http')
const { WrongOffer } = require('./viewer')

const LONGEST_BODY = 40_000

/** More viewers than this machine may serve. */
class TooManyViewers extends Error {
  constructor (most) {
    super(`${most} watch with low latency already. HLS bears more.`)
    this.name = 'TooManyViewers'
  }
}

/** What an error is in HTTP. */
function statusOf (error) {
  if (error instanceof TooManyViewers) return 503
  return error instanceof WrongOffer || error instanceof SyntaxError ? 400 : 500
}

async function bodyOf (request) {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > LONGEST_BODY) throw new WrongOffer(`it has more than ${LONGEST_BODY} bytes`)
  }
  return JSON.parse(text)
}

/**
 * Where the watch page's server asks for viewers, inside the machine: POST `{offer, address}` answers `{id, answer}`, DELETE /id ends one.
 *
 * @param {object} viewers `add({offer, address})`, `remove(id)`
 * @returns {http.Server} not listening yet
 */
function signallingServer (viewers) {
  return http.createServer(async (request, response) => {
    const answer = (status, told) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(told))
    try {
      if (request.method === 'POST') answer(201, await viewers.add(await bodyOf(request)))
      else if (request.method === 'DELETE') {
        await viewers.remove(request.url.slice(1))
        answer(200, {})
      } else answer(405, { error: 'POST an offer, or DELETE a viewer' })
    } catch (error) {
      answer(statusOf(error), { error: error.message })
    }
  })
}

module.exports = { TooManyViewers, signallingServer }
