'use strict'

const http = require('node:http')
const https = require('node:https')
const { FetchFault } = require('./fetch-fault')

const CLIENTS = { 'http:': http, 'https:': https }
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const MOST_REDIRECTS = 5
/** No answer within so long is none. */
const ANSWER_MS = 10_000

/**
 * Ask for something on the web, over at most five redirects, and look at the address of each.
 *
 * @param {URL} url may carry a user's name and password; they go to this host alone
 * @param {object} how `headers`, `check` (AddressCheck), `answerMs`, `follows` (redirects)
 * @returns {Promise<{response: http.IncomingMessage, url: URL}>} the answer's head, whatever its status, and where it came from
 * @throws {FetchFault}
 */
async function webFetch (url, { headers = {}, check, answerMs = ANSWER_MS, follows = true }) {
  let at = url
  for (let hops = 0; ; hops++) {
    if (!CLIENTS[at.protocol]) {
      throw new FetchFault('SchemeRefused', `${at.protocol}// is not fetched. Name an address that begins with https:// or http://.`, 403)
    }
    check.check(at.hostname)
    const response = await ask(at, { headers: { ...headers, ...authorization(at) }, check, answerMs })
    const { location } = response.headers
    if (!REDIRECTS.has(response.statusCode) || !location || !follows) return { response, url: at }
    response.destroy()
    if (hops === MOST_REDIRECTS) throw new FetchFault('TooManyRedirects', `${at.host} leads on and on. Name the address where it ends.`)
    const next = URL.parse(location, at)
    if (!next) throw new FetchFault('SourceFailed', `${at.host} leads to what is no address. See what is wrong there.`)
    at = next
  }
}

function authorization ({ username, password }) {
  if (!username && !password) return {}
  return { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` }
}

function ask (url, { headers, check, answerMs }) {
  const { host } = url
  return new Promise((resolve, reject) => {
    const plain = new URL(url)
    plain.username = plain.password = ''
    const request = CLIENTS[url.protocol].request(plain, {
      lookup: check.lookup, headers: { 'user-agent': 'organist', accept: '*/*', 'accept-encoding': 'identity', ...headers }
    })
    const slow = () => new FetchFault('SourceSlow', `${host} did not answer within ${answerMs / 1000} s. See whether it is up.`, 504)
    const timer = setTimeout(() => request.destroy(slow()), answerMs)
    request.on('response', (response) => {
      clearTimeout(timer)
      resolve(response)
    })
    request.on('error', (error) => {
      clearTimeout(timer)
      const why = `${host} cannot be reached (${error.code ?? error.message}). See its name and port.`
      reject(error instanceof FetchFault ? error : new FetchFault('SourceUnreachable', why))
    })
    request.end()
  })
}

module.exports = { webFetch }
