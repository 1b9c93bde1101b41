'use strict'

/**
 * The container's health check: exit code 0 when Node-RED answers and asks for a sign-in, 1 with one line why not.
 *
 * Looks at `/auth/login`, which needs no secret: it answers only once all palette nodes are loaded, and what it
 * says proves that the admin API is guarded. A Node-RED that lets everybody in is not healthy. Node.js 12 runs it too.
 */

const http = require('http')

const TIMEOUT_MS = 3000
const EVERY_ADDRESS = new Set(['', '0.0.0.0', '::'])

const wanted = process.env.NODE_RED_HOST || ''
const host = EVERY_ADDRESS.has(wanted) ? '127.0.0.1' : wanted
const port = Number(process.env.PORT || 1880)
const url = `http://${host}:${port}/auth/login`

function unhealthy (why) {
  process.stderr.write(`Node-RED at ${url} is not healthy: ${why}\n`)
  process.exit(1)
}

function judge (status, body) {
  if (status !== 200) return unhealthy(`expected status 200, got ${status}`)
  let login
  try {
    login = JSON.parse(body)
  } catch {
    return unhealthy('the answer is not JSON')
  }
  if (login.type !== 'credentials') return unhealthy('its admin API is open: no sign-in is asked for')
  process.exit(0)
}

const request = http.get(url, { timeout: TIMEOUT_MS }, (response) => {
  const chunks = []
  response.on('data', (chunk) => chunks.push(chunk))
  response.on('end', () => judge(response.statusCode, Buffer.concat(chunks).toString('utf8')))
})
request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
request.on('error', (error) => unhealthy(error.message || error.code))
