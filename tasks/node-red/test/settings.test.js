'use strict'

const assert = require('node:assert/strict')
const { execFileSync, spawn, spawnSync } = require('node:child_process')
const crypto = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')

const HERE = path.join(__dirname, '..')
const RED = path.join(HERE, 'node_modules', 'node-red', 'red.js')
const HOST = '127.0.0.71'
const BASE = `http://${HOST}:1880`
const MODULE = 'node-red-contrib-organist-media'
const digest = (text) => crypto.createHash('sha256').update(text).digest('hex')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'node-red-'))
const environment = {
  PATH: process.env.PATH,
  HOME: folder,
  NODE_RED_TOKEN_SHA256: digest('the-token'),
  NODE_RED_PASSWORD_SHA256: digest('the-password'),
  NODE_RED_ALLOW_MODULES: `${MODULE},listed-nodes`,
  NODE_RED_HOST: HOST,
  MEDIA_HOST: HOST,
  MEDIA_DIR: path.join(folder, 'media'),
  FFMPEG_PATH: '/no/such/ffmpeg',
  ENGINE_DIR: path.join(folder, 'engines'),
  INSTANCE_NAME: 'mixer-test'
}
const bearer = { Authorization: 'Bearer the-token' }
const json = { ...bearer, 'Content-Type': 'application/json' }
let output = ''
let nodeRED

const start = (more) => spawnSync(process.execPath, [RED, '--settings', path.join(HERE, 'settings.js'), '--userDir', path.join(folder, 'refused')], { env: { ...environment, ...more }, encoding: 'utf8' })
const health = (more) => spawnSync(process.execPath, [path.join(HERE, 'healthcheck.js')], { env: { ...environment, ...more }, encoding: 'utf8' })

before(async () => {
  const userDir = path.join(folder, 'data')
  fs.mkdirSync(userDir)
  nodeRED = spawn(process.execPath, [path.join(HERE, 'supervisor.js'), '--settings', path.join(HERE, 'settings.js'), '--userDir', userDir], { env: environment, cwd: userDir, stdio: ['ignore', 'pipe', 'inherit'] })
  nodeRED.stdout.on('data', (chunk) => { output += chunk })
  for (const deadline = Date.now() + 30000; health().status !== 0;) {
    if (Date.now() > deadline) throw new Error(`Node-RED is not healthy after 30 s: ${output}`)
    await pause(200)
  }
})
after(async () => {
  if (nodeRED.exitCode === null) {
    const gone = new Promise((resolve) => nodeRED.once('exit', resolve))
    nodeRED.kill('SIGTERM')
    await gone
  }
  fs.rmSync(folder, { recursive: true })
})

async function signIn (username, password) {
  const body = new URLSearchParams({ client_id: 'node-red-editor', grant_type: 'password', scope: '*', username, password })
  return (await fetch(`${BASE}/auth/token`, { method: 'POST', body })).json()
}

async function upload (file) {
  const form = new FormData()
  form.append('tarball', new Blob([fs.readFileSync(file)]), path.basename(file))
  const response = await fetch(`${BASE}/nodes`, { method: 'POST', headers: bearer, body: form })
  return { status: response.status, answer: await response.json() }
}

function pack (source) {
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder, source], { encoding: 'utf8', cwd: folder, env: { ...process.env, HOME: folder } }))
  return path.join(folder, filename)
}

test('without its secrets it refuses to start, and names what is missing in one line', () => {
  for (const [name, value] of [['NODE_RED_TOKEN_SHA256', ''], ['NODE_RED_PASSWORD_SHA256', ''], ['NODE_RED_TOKEN_SHA256', 'plain']]) {
    const { status, stderr } = start({ [name]: value })
    assert.equal(status, 1)
    assert.match(stderr, new RegExp(`^Node-RED does not start: the environment variable ${name} is .*\\n$`))
  }
})

test('an allow list that holds more than names is refused', () => {
  for (const names of ['*', 'node-red-*', 'a b', '../x', 'x@1.0.0']) {
    const { status, stderr } = start({ NODE_RED_ALLOW_MODULES: names })
    assert.equal(status, 1, names)
    assert.match(stderr, /NODE_RED_ALLOW_MODULES must hold npm package names/)
  }
})

test('the health check tells one line why not', () => {
  assert.equal(health().status, 0)
  const { status, stderr } = health({ PORT: '1' })
  assert.equal(status, 1)
  assert.match(stderr, /^Node-RED at http:\/\/127\.0\.0\.71:1\/auth\/login is not healthy: .*\n$/)
})

test('nobody gets in without the token', async () => {
  for (const route of ['/settings', '/flows', '/nodes', '/flow/x', '/context/global', '/diagnostics', '/library/local/flows/']) {
    assert.equal((await fetch(BASE + route)).status, 401, route)
    assert.equal((await fetch(BASE + route, { headers: { Authorization: 'Bearer wrong' } })).status, 401, route)
  }
  assert.equal((await fetch(`${BASE}/settings`, { headers: bearer })).status, 200)
})

test('the operator signs in with the password, and only the operator', async () => {
  const { access_token: token } = await signIn('operator', 'the-password')
  assert.equal((await fetch(`${BASE}/flows`, { headers: { Authorization: `Bearer ${token}` } })).status, 200)
  assert.equal((await signIn('operator', 'wrong')).error, 'invalid_grant')
  assert.equal((await signIn('organist', 'the-token')).error, 'invalid_grant')
  assert.equal((await signIn('', '')).access_token, undefined)
})

test('what a flow opens on the port is for the holder of the token alone', async () => {
  const flow = {
    label: 'web',
    nodes: [
      { id: 'in', type: 'http in', url: '/hello', method: 'get', wires: [['out']], x: 1, y: 1 },
      { id: 'out', type: 'http response', wires: [], x: 2, y: 1 },
      { id: 'socket', type: 'websocket in', server: 'listener', wires: [[]], x: 1, y: 2 }
    ],
    configs: [{ id: 'listener', type: 'websocket-listener', path: '/socket', wholemsg: 'false' }]
  }
  assert.equal((await fetch(`${BASE}/flow`, { method: 'POST', headers: json, body: JSON.stringify(flow) })).status, 200)
  assert.equal((await fetch(`${BASE}/hello`)).status, 401)
  assert.equal((await fetch(`${BASE}/hello`, { headers: bearer })).status, 200)
  const refused = await new Promise((resolve) => {
    const socket = new WebSocket(`ws://${HOST}:1880/socket`)
    socket.onopen = () => resolve(false)
    socket.onerror = () => resolve(true)
  })
  assert.ok(refused)
})

function makeModule (name) {
  const made = path.join(folder, name)
  fs.mkdirSync(made)
  fs.writeFileSync(path.join(made, 'package.json'), JSON.stringify({ name, version: '1.0.0', 'node-red': { nodes: { x: 'x.js' } } }))
  fs.writeFileSync(path.join(made, 'x.js'), 'module.exports = (RED) => RED.nodes.registerType("x", function () {})')
  fs.writeFileSync(path.join(made, 'x.html'), '<script type="text/javascript">RED.nodes.registerType("x", {})</script>')
  return pack(made)
}

test('a module that is not on the list is refused, by URL and uploaded', async () => {
  const wish = { module: 'other-nodes', url: 'http://127.0.0.1:1/x.tgz' }
  const response = await fetch(`${BASE}/nodes`, { method: 'POST', headers: json, body: JSON.stringify(wish) })
  assert.deepEqual([response.status, (await response.json()).code], [400, 'install_not_allowed'])
  const { status, answer } = await upload(makeModule('other-nodes'))
  assert.deepEqual([status, answer.code], [400, 'install_not_allowed'])
})

test('a module that is on the list is installed by upload', async () => {
  const { status, answer } = await upload(makeModule('listed-nodes'))
  assert.equal(status, 200)
  assert.deepEqual(answer.nodes.map(({ types, err }) => [types, err]), [[['x'], undefined]])
})

test('function nodes cannot bring modules in', async () => {
  const settings = await (await fetch(`${BASE}/settings`, { headers: bearer })).json()
  assert.equal(settings.functionExternalModules, false)
  assert.equal(settings.externalModules.modules.allowInstall, false)
})

test('the media nodes are there from the start, and answer on the admin API', async () => {
  const response = await fetch(`${BASE}/nodes/${MODULE}`, { headers: { ...bearer, Accept: 'application/json' } })
  assert.equal(response.status, 200)
  const answer = await response.json()
  assert.equal(answer.path, path.join(HERE, 'media-nodes'))
  assert.equal(answer.version, '0.1.0')
  assert.deepEqual(answer.nodes.map(({ types, err }) => [types[0], err]), [
    'media-format', 'media-source', 'media-mixer', 'media-link-out', 'media-link-in', 'media-encoder', 'media-hls-out', 'media-file-out', 'media-destination'
  ].map((type) => [type, undefined]))
  assert.equal((await fetch(`${BASE}/production/metrics`)).status, 401)
  assert.equal((await fetch(`${BASE}/production/fader`, { method: 'POST' })).status, 401)
  assert.deepEqual(await (await fetch(`${BASE}/production/metrics`, { headers: bearer })).json(), { instanceName: 'mixer-test', productionId: null, chains: [] })
  assert.equal((await fetch(`${BASE}/production/fader`, { headers: bearer })).status, 404)
})

test('the flow of the mixer is deployed, tells its trouble without its passphrase, and its fader moves', async () => {
  const flow = JSON.parse(fs.readFileSync(path.join(HERE, '..', '..', 'step_functions', 'events', 'deployNodeREDModule.json'), 'utf8')).flow
  flow.nodes.find(({ type }) => type === 'media-link-out').credentials = { passphrase: 'the secret of the link' }
  assert.equal((await fetch(`${BASE}/flow`, { method: 'POST', headers: json, body: JSON.stringify(flow) })).status, 200)
  let chain
  for (const deadline = Date.now() + 10000; !chain?.lastError;) {
    if (Date.now() > deadline) throw new Error(`no chain has tried: ${JSON.stringify(chain)}`)
    await pause(50);
    [chain] = (await (await fetch(`${BASE}/production/metrics`, { headers: bearer })).json()).chains
  }
  assert.equal(chain.chain, 'mixer')
  assert.match(chain.lastError, /spawn \/no\/such\/ffmpeg ENOENT/)

  const move = async (body, type = 'application/json') => {
    const response = await fetch(`${BASE}/production/fader`, { method: 'POST', headers: { ...bearer, 'Content-Type': type }, body })
    return [response.status, response.headers.get('content-type')?.includes('json') ? await response.json() : null]
  }
  assert.deepEqual(await move('{"fader":0.25}'), [200, { fader: 0.25, seconds: 0 }])
  assert.deepEqual(await move('{"fader":0.75}', 'text/plain'), [200, { fader: 0.75, seconds: 0 }])
  assert.deepEqual(await (await fetch(`${BASE}/production/fader`, { headers: bearer })).json(), { fader: 0.75 })
  assert.deepEqual(await move('{"fader":2}'), [400, { error: 'fader must be a number from 0 to 1, not 2' }])
  for (const wrong of ['{}', '[]', '{"fader":"1"}', '{"fader":1,"seconds":-1}', 'nonsense']) assert.equal((await move(wrong))[0], 400, wrong)
  assert.deepEqual(await move('nonsense'), [400, { error: 'the body must be JSON such as {"fader": 0.5, "seconds": 2}' }])
  assert.equal((await move('nonsense', 'text/plain'))[0], 400)

  const everything = output + JSON.stringify(await (await fetch(`${BASE}/flows`, { headers: bearer })).json()) + fs.readFileSync(path.join(folder, 'data', 'flows.json'), 'utf8') + fs.readFileSync(path.join(folder, 'data', 'flows_cred.json'), 'utf8')
  assert.ok(!everything.includes('the secret of the link'))
})

test('the credential secret is for Node-RED alone', () => {
  const file = path.join(folder, 'data', 'credential-secret')
  assert.equal(fs.statSync(file).mode & 0o777, 0o600)
  assert.match(fs.readFileSync(file, 'utf8'), /^[0-9a-f]{64}$/)
})

test('every line of the log is JSON, and a valid token makes no noise', () => {
  const lines = output.trim().split('\n').map((line) => JSON.parse(line))
  assert.ok(lines.length > 5)
  for (const line of lines) {
    assert.ok(line.timestamp && line.level && typeof line.message === 'string')
    assert.equal(line.instanceName, 'mixer-test')
    assert.doesNotMatch(line.message, /invalid-token/)
  }
  assert.ok(lines.some(({ message }) => message === 'A Bearer token was refused'))
  assert.doesNotMatch(output, /the-token|the-password/)
})
