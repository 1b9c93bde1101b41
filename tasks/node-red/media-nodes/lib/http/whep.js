'use strict'

const LONGEST_OFFER = 30_000
const ANSWER_MS = 5000
const ADDRESS = /^[A-Za-z0-9.-]{1,253}$/
const VIEWER = /^\/whep\/([0-9a-f-]{36})$/

/** Whether a path is one of WHEP's (draft-ietf-wish-whep): `/whep`, or a viewer's own. */
const isWhep = (pathname) => pathname === '/whep' || VIEWER.test(pathname)

/** By what name or address a browser has called this machine: there it finds the pictures, too. null when that is none for a connection. */
function calledAddress ({ headers: { host = '' } }) {
  const name = host.replace(/:\d+$/, '')
  if (name === 'localhost') return '127.0.0.1'
  return ADDRESS.test(name) ? name : null
}

async function offerOf (request) {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > LONGEST_OFFER) return null
  }
  return text
}

/** Ask the low-latency view's process, see its signalling. */
async function ask ({ signalAddress, signalPort }, method, path, told) {
  const answer = await fetch(`http://${signalAddress}:${signalPort}/${path}`, { method, body: told && JSON.stringify(told), signal: AbortSignal.timeout(ANSWER_MS) })
  return { status: answer.status, told: await answer.json() }
}

/**
 * Answer a browser that wants to watch with low latency, or that has watched enough.
 *
 * @param {http.IncomingMessage} request for a path of `isWhep`
 * @param {object} lowLatency `signalAddress`, `signalPort` of the process that serves it
 * @returns {Promise<{status: number, text: string, headers: object}>}
 */
async function answerWhep (request, pathname, lowLatency) {
  const said = (status, text, headers = {}) => ({ status, text, headers })
  const [, viewer] = VIEWER.exec(pathname) ?? []
  if (viewer ? request.method !== 'DELETE' : request.method !== 'POST') {
    return said(405, 'POST an offer to /whep, or DELETE a viewer', { Allow: viewer ? 'DELETE, OPTIONS' : 'POST, OPTIONS' })
  }
  try {
    if (viewer) return said((await ask(lowLatency, 'DELETE', viewer)).status, 'Gone')
    const [address, offer] = [calledAddress(request), await offerOf(request)]
    if (!address || !offer) return said(400, 'An offer is SDP, and this machine must have been called by name or IPv4 address')
    const { status, told } = await ask(lowLatency, 'POST', '', { offer, address })
    return status === 201 ? said(201, told.answer, { 'Content-Type': 'application/sdp', Location: `/whep/${told.id}` }) : said(status, told.error)
  } catch {
    return said(503, 'There is no low-latency view just now', { 'Retry-After': 2 })
  }
}

module.exports = { answerWhep, isWhep }
