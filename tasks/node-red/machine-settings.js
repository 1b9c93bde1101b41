'use strict'

/**
 * What the settings of both Node-REDs share (this folder's, and ./dynamorse's for dynamorse): who gets in, what may be
 * installed, how the log looks. Written in what Node.js 12 understands, for dynamorse's sake. From the environment:
 *
 *   NODE_RED_TOKEN_SHA256      hex SHA-256 of the handlers' Bearer token (required)
 *   NODE_RED_PASSWORD_SHA256   hex SHA-256 of the password of user `operator` (required)
 *   NODE_RED_ALLOW_MODULES     comma separated npm names that the palette may install; empty or absent: none
 *   NODE_RED_HOST, PORT        address and port to listen on (0.0.0.0, 1880)
 *   INSTANCE_NAME, PRODUCTION_ID   names that every log line carries
 */

const crypto = require('crypto')
const fs = require('fs')
const path = require('path')
const util = require('util')

const SHA256_HEX = /^[0-9a-f]{64}$/i
const NPM_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
/** What every machine's Node-RED has beside its modules. */
const NODES = path.join(__dirname, 'machine-nodes')
const LEVEL_NAMES = { 10: 'fatal', 20: 'error', 30: 'warn', 40: 'info', 50: 'debug', 60: 'trace', 98: 'audit', 99: 'metric' }

function refuseToStart (message) {
  process.stderr.write(`Node-RED does not start: ${message}\n`)
  process.exit(1)
}

function requiredDigest (name) {
  const value = process.env[name]
  if (!value) refuseToStart(`the environment variable ${name} is missing; set it to a hex SHA-256 (64 digits)`)
  if (!SHA256_HEX.test(value)) refuseToStart(`the environment variable ${name} is no hex SHA-256 (64 digits)`)
  return Buffer.from(value, 'hex')
}

function allowedModules () {
  const names = (process.env.NODE_RED_ALLOW_MODULES || '').split(',').map((name) => name.trim()).filter(Boolean)
  const wrong = names.filter((name) => !NPM_NAME.test(name))
  if (wrong.length > 0) {
    refuseToStart(`NODE_RED_ALLOW_MODULES must hold npm package names separated by commas; wrong: ${wrong.join(', ')}`)
  }
  // Node-RED makes regular expressions of the names, where a bare dot would match any character.
  return names.map((name) => name.replace(/\./g, '\\.'))
}

function listenPort () {
  const port = Number(process.env.PORT || 1880)
  if (!Number.isInteger(port) || port < 1 || port > 65535) refuseToStart(`PORT must be 1 to 65535, not "${process.env.PORT}"`)
  return port
}

const tokenDigest = requiredDigest('NODE_RED_TOKEN_SHA256')
const passwordDigest = requiredDigest('NODE_RED_PASSWORD_SHA256')

function matches (secret, digest) {
  return crypto.timingSafeEqual(crypto.createHash('sha256').update(String(secret)).digest(), digest)
}

const organist = { username: 'organist', permissions: '*' }
const operator = { username: 'operator', permissions: '*' }

function writeLogLine (entry) {
  process.stdout.write(JSON.stringify({
    timestamp: new Date(entry.timestamp || Date.now()).toISOString(),
    level: entry.level,
    message: entry.message,
    instanceName: process.env.INSTANCE_NAME,
    productionId: process.env.PRODUCTION_ID,
    nodeType: entry.nodeType,
    nodeId: entry.nodeId,
    nodeName: entry.nodeName
  }) + '\n')
}

function asText (message) {
  if (message instanceof Error) return message.stack || message.message
  return typeof message === 'string' ? message.trim() : util.inspect(message, { depth: 3, breakLength: Infinity })
}

/** What Node-RED told last of each node as an error, by the node's id: a node that was not constructed has one. */
const nodeErrors = new Map()

function keepError ({ level, id, msg }) {
  if (LEVEL_NAMES[level] === 'error' && id) nodeErrors.set(id, msg instanceof Error ? msg.message : asText(msg))
}

const LEVELS = Object.values(LEVEL_NAMES)

function isLogged (level, wanted) {
  return LEVELS.indexOf(level) <= LEVELS.indexOf(wanted)
}

const said = new Map()
const MOST_SAID = 1000

/**
 * How often the same was said of a node since it was last logged; null while that is less than `afterMs` ago. Numbers make
 * no difference: a node that asks for one picture after the other says the same each time.
 */
function timesSaid ({ id = '', msg }, afterMs, now) {
  if (afterMs === 0) return 1
  const key = `${id} ${asText(msg).slice(0, 200).replace(/\d+/g, '#')}`
  const before = said.get(key)
  if (before && now - before.at < afterMs) {
    before.times += 1
    return null
  }
  if (said.size >= MOST_SAID) said.clear()
  said.set(key, { at: now, times: 1 })
  return before ? before.times : 1
}

/** Node-RED asks for the handler once; from then on whatever code prints with console.log is a JSON line too. */
function jsonLog ({ level: wanted, repeatAfterMs }) {
  for (const [method, level] of Object.entries({ log: 'info', info: 'info', debug: 'debug' })) {
    console[method] = (...words) => { if (isLogged(level, wanted)) writeLogLine({ level, message: util.format(...words) }) }
  }
  return (entry) => {
    keepError(entry)
    const times = timesSaid(entry, repeatAfterMs, Date.now())
    if (times === null) return
    writeLogLine({
      timestamp: entry.timestamp,
      level: LEVEL_NAMES[entry.level] || String(entry.level),
      message: asText(entry.msg),
      nodeType: entry.type,
      nodeId: entry.id,
      nodeName: entry.name,
      times: times > 1 ? times : undefined
    })
  }
}

/** Bearer tokens of signed-in operators are Node-RED's own affair; only the others come here. */
async function userOfToken (token) {
  if (matches(token, tokenDigest)) return organist
  writeLogLine({ level: 'warn', message: 'A Bearer token was refused' })
  return null
}

function bearerOf (request) {
  const [scheme, token] = (request.headers.authorization || '').split(' ')
  return (scheme === 'Bearer' && token) || ''
}

/** What flows open on Node-RED's port (http-in, websocket-in) is for the holder of the handlers' token. */
function guardFlowRoutes (request, response, next) {
  if (matches(bearerOf(request), tokenDigest)) return next()
  response.writeHead(401, { 'Content-Type': 'text/plain' }).end('Unauthorized\n')
}

/** Encrypts the flows' credentials on disk: made at the first start, kept readable by Node-RED's user alone. */
function credentialSecret (userDir) {
  const file = path.join(userDir, 'credential-secret')
  try {
    fs.writeFileSync(file, crypto.randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  return fs.readFileSync(file, 'utf8').trim()
}

/**
 * The settings of a Node-RED: what all have in common, and what this version takes beside it.
 *
 * @param {(guardFlowRoutes: Function, nodes: string) => object} more the latter, given the guard of routes and the nodes' folder
 * @param {{level?: string, repeatAfterMs?: number}} log the least that is logged, and when the same is logged of a node again
 */
module.exports = function settings (more, { level = 'info', repeatAfterMs = 0 } = {}) {
  const title = process.env.INSTANCE_NAME || 'Node-RED'
  return Object.assign({
    uiHost: process.env.NODE_RED_HOST || '0.0.0.0',
    uiPort: listenPort(),
    flowFile: 'flows.json',
    flowFilePretty: true,

    // A getter, because Node-RED sets userDir (from --userDir) only after it has read the settings.
    get credentialSecret () { return credentialSecret(this.userDir) },

    adminAuth: {
      type: 'credentials',
      tokens: userOfToken,
      users: async (username) => username === operator.username ? operator : null,
      authenticate: async (username, password) =>
        username === operator.username && matches(password, passwordDigest) ? operator : null
    },
    webSocketNodeVerifyClient: (info) => matches(bearerOf(info.req), tokenDigest),

    externalModules: {
      autoInstall: false,
      palette: { allowInstall: true, allowUpload: true, allowList: allowedModules(), denyList: ['*'] },
      modules: { allowInstall: false }
    },

    // Under the name of Node-RED's own log: dynamorse's nodes read logging.console.level, and are not constructed without.
    logging: { console: { level, repeatAfterMs, metrics: false, audit: false, handler: jsonLog } },
    nodesDir: [NODES],
    nodeErrors,
    editorTheme: { tours: false, projects: { enabled: false }, header: { title }, page: { title } }
  }, more(guardFlowRoutes, NODES))
}
