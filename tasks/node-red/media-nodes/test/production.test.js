'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const { after, afterEach, test } = require('node:test')
const { Production } = require('../lib/production')
const { eventually } = require('../test-support/eventually')
const { FakeClock } = require('../test-support/fake-clock')
const { PASSPHRASE, mix, source } = require('../test-support/parts')

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'production-'))
const commands = path.join(folder, 'commands')
const begun = []
const hosts = []
let production

function begin (environment = {}, clock = undefined) {
  process.env.FAKE_FFMPEG = `commands ${commands}`
  production = new Production({ info: () => {}, warn: () => {} }, {
    MEDIA_DIR: folder, FFMPEG_PATH: path.join(__dirname, '..', 'test-support', 'fake-ffmpeg.js'), INSTANCE_NAME: 'mixer-1', PRODUCTION_ID: '1', ...environment
  }, clock)
  begun.push(production)
  return production
}

/** Add parts as Node-RED nodes would; gives their stand-ins by id. */
function addNodes (parts) {
  const nodes = {}
  for (const part of parts) {
    nodes[part.id] = { wires: [part.wires], shown: [], status (status) { this.shown.push(status) } }
    production.add(part, nodes[part.id])
  }
  return nodes
}

const running = () => eventually('the chain runs', () => production.metrics.chains[0]?.state === 'running')
afterEach(async () => {
  for (const { id } of mix()) await production.remove(id)
  for (const server of hosts.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})
after(() => fs.rmSync(folder, { recursive: true }))

test('metrics have the agreed shape', async () => {
  begin()
  addNodes(mix())
  await production.refresh()
  await running()
  const { chains: [chain], ...names } = production.metrics
  assert.deepEqual(names, { instanceName: 'mixer-1', productionId: '1' })
  assert.deepEqual(Object.keys(chain), [
    'chain', 'state', 'pid', 'restarts', 'frames', 'frameRate', 'bitRate', 'droppedFrames', 'duplicatedFrames', 'speed', 'startedAt', 'updatedAt', 'lastError',
    'faults'
  ])
  assert.equal(new Date(chain.startedAt).toISOString(), chain.startedAt)
})

test('a deployment that changes nothing leaves the chain on air', async () => {
  begin()
  addNodes(mix())
  await production.refresh()
  await running()
  const [{ pid }] = production.metrics.chains
  await production.refresh()
  assert.equal(production.metrics.chains[0].pid, pid)
})

test('a wire taken away while its node lives ends the chain', async () => {
  begin()
  const nodes = addNodes(mix())
  await production.refresh()
  await running()
  nodes.mixer.wires = [[]]
  await production.refresh()
  const { chains } = production.metrics
  assert.deepEqual(chains.map(({ chain, state }) => [chain, state]), [['mixer', 'stopped'], ['link-out', 'stopped']])
  assert.match(chains[0].lastError, /gives its pictures to nobody/)
  assert.deepEqual(nodes.mixer.shown.at(-1).fill, 'red')
})

test('a changed node starts the chain anew', async () => {
  begin()
  addNodes(mix())
  await production.refresh()
  await running()
  const [{ pid }] = production.metrics.chains
  await production.remove('source-1')
  assert.deepEqual(production.metrics.chains, [])
  addNodes([source('source-1', { pattern: 'counter' })])
  await production.refresh()
  await running()
  assert.notEqual(production.metrics.chains[0].pid, pid)
})

test('the fader moves the weights of the running FFmpeg', async () => {
  begin()
  const [, , mixer] = mix()
  addNodes(mix())
  assert.equal(production.faderPosition, null)
  assert.equal(production.moveFader(0.5), null)
  await production.refresh()
  await running()
  assert.deepEqual(production.moveFader(0.25, mixer.id), { fader: 0.25, seconds: 0 })
  await eventually('the command', () => fs.readFileSync(commands, 'utf8').includes('cmix@fader -1 weights 0.2500 0.7500\n'))
  assert.equal(production.faderPosition, 0.25)
  assert.equal(production.moveFader(0.5, 'another mixer'), null)
})

/** A log host; gives the documents that it has got so far, and its address as the environment has it. */
async function logHost () {
  const documents = []
  const server = http.createServer((request, response) => {
    request.on('data', (chunk) => documents.push(JSON.parse(chunk)))
    request.on('end', () => response.end())
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  hosts.push(server)
  return { documents, environment: { LOG_HOSTNAME: '127.0.0.1', LOG_PORT: String(server.address().port) } }
}

test('each second a document about each chain goes to the log host', async () => {
  const { documents, environment } = await logHost()
  begin(environment)
  addNodes(mix())
  await production.refresh()
  await eventually('a document', () => documents.some(({ media }) => media?.state === 'running'))
  const { media } = documents.findLast((document) => document.media)
  assert.deepEqual(Object.keys(media), [
    'host', 'instanceName', 'productionId', 'chain', 'state', 'frames', 'frameRate', 'bitRate', 'droppedFrames', 'duplicatedFrames', 'speed', 'linkLatencyMs', 'restarts', 'timestamp'
  ])
  assert.equal(media.linkLatencyMs, 120)
  assert.ok(!JSON.stringify(documents).includes(PASSPHRASE))
})

test('every other second a document about the process goes along, while a chain is there', async () => {
  const { documents, environment } = await logHost()
  const clock = new FakeClock()
  begin(environment, clock)
  addNodes(mix())
  await production.refresh()
  const seconds = (kind) => documents.flatMap((document) => document[kind] ? [Date.parse(document[kind].timestamp) / 1000] : [])
  // A sending still under way drops the next: time goes on until enough have come.
  await eventually('three documents', () => {
    clock.pass(1000)
    return seconds('nodeJS').length >= 3 && seconds('media').some((second) => second % 2 === 0)
  })
  assert.ok(seconds('nodeJS').every((second) => second % 2 === 1), seconds('nodeJS').join())
  const { nodeJS } = documents.find((document) => document.nodeJS)
  assert.deepEqual(Object.keys(nodeJS), ['host', 'pid', 'rss', 'heapTotal', 'heapUsed', 'instanceName', 'productionId', 'timestamp'])
  assert.deepEqual([nodeJS.pid, nodeJS.instanceName, nodeJS.productionId], [process.pid, 'mixer-1', '1'])
  assert.ok(nodeJS.rss > nodeJS.heapUsed && nodeJS.heapUsed > 1e6)
  const ended = production.remove('mixer')
  await eventually('the end', () => {
    clock.pass(1000)
    return production.metrics.chains.length === 0
  })
  await ended
  assert.equal(clock.waiting, 0)
})
