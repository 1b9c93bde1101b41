'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const { afterEach, beforeEach, test } = require('node:test')
const { setImmediate } = require('node:timers/promises')
const { isDeepStrictEqual } = require('node:util')
const { EngineRefused } = require('../lib/engines')
const { Production } = require('../lib/production')
const { eventually } = require('../test-support/eventually')
const { FakeClock } = require('../test-support/fake-clock')
const { PASSPHRASE, encode, linkIn, encoder, fileOut, hlsOut, mix, mixer, source } = require('../test-support/parts')
const { RecordedEngines } = require('../test-support/recorded-engines')

const hosts = []
let production
let engines
let clock
let said

function begin (environment = {}) {
  const log = { info: (text) => said.push(text), warn: (text) => said.push(text) }
  production = new Production(log, { MEDIA_DIR: '/media', INSTANCE_NAME: 'mixer-1', PRODUCTION_ID: '1', ...environment }, { clock, engines })
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

/** Take all nodes away and put others in their place, as a full deployment does. */
async function deploy (before, after) {
  for (const { id } of before) production.remove(id)
  const nodes = addNodes(after)
  await production.refresh()
  return nodes
}

/** The same at 50 frames/s. */
const fasterMix = () => mix().map((part) => part.format ? { ...part, format: { ...part.format, frameRate: 50 } } : part)

/** Let time pass until the first chain is in a state. */
const reaches = (state) => eventually(`the chain is ${state}`, () => {
  clock.pass(500)
  return production.metrics.chains[0]?.state === state
})

beforeEach(() => {
  clock = new FakeClock()
  engines = new RecordedEngines()
  said = []
})
afterEach(() => {
  for (const server of hosts.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

const OF_LINK_AND_SOUND = ['linkLostPackets', 'linkReconnects', 'linkLatencyMs', 'integratedLufs', 'truePeakDbtp']

test('the first picture is noticed within 0.1 s, what comes after it within 0.5 s', async () => {
  let asked = 0
  const command = engines.command.bind(engines)
  engines.command = (key, given) => {
    asked += given.command === 'state' ? 1 : 0
    return command(key, given)
  }
  begin()
  await deploy([], mix())
  const askedWithin = async (ms) => {
    const before = asked
    clock.pass(ms)
    await setImmediate()
    return asked - before
  }
  assert.deepEqual([await askedWithin(99), await askedWithin(1)], [0, 1])
  assert.equal(production.metrics.chains[0].state, 'running')
  assert.deepEqual([await askedWithin(499), await askedWithin(1)], [0, 1])
})

test('the encoder machine tells what its link takes and lost, and how loud the programme is', async () => {
  begin()
  addNodes(encode())
  await production.refresh()
  await reaches('running')
  const link = engines.running.get('encoder').sources['link-in']
  Object.assign(link, { latencyMs: 310.5, received: { senders: 3, lostPackets: 7 } })
  engines.running.get('encoder').loudness.integrated = -23.1
  await eventually('all of it is told', () => {
    clock.pass(500)
    const [chain] = production.metrics.chains
    return isDeepStrictEqual(OF_LINK_AND_SOUND.map((name) => chain[name]), [7, 2, 310.5, -23.1, -6.2])
  })
})

test('metrics have the agreed shape', async () => {
  begin()
  addNodes(mix())
  await production.refresh()
  await reaches('running')
  const { chains: [chain], ...names } = production.metrics
  assert.deepEqual(names, { instanceName: 'mixer-1', productionId: '1' })
  assert.deepEqual(Object.keys(chain), [
    'chain', 'state', 'pid', 'restarts', 'frames', 'frameRate', 'bitRate', 'droppedFrames', 'duplicatedFrames', 'speed', ...OF_LINK_AND_SOUND, 'startedAt', 'updatedAt', 'lastError',
    'sources', 'outputs', 'loudness', 'faults'
  ])
  assert.deepEqual(chain.sources.map(({ name, state }) => [name, state]), [['source-1', 'live'], ['source-2', 'live']])
  assert.equal(new Date(chain.startedAt).toISOString(), chain.startedAt)
})

test('a full deployment of the same flow touches no engine', async () => {
  begin()
  await deploy([], mix())
  await reaches('running')
  const [{ pid, frames }] = production.metrics.chains
  await deploy(mix(), mix())
  await reaches('running')
  assert.deepEqual(engines.stopped, [])
  assert.deepEqual(engines.started[1], engines.started[0])
  assert.equal(production.metrics.chains[0].pid, pid)
  assert.ok(production.metrics.chains[0].frames > frames)
})

test('a changed source reaches the engine that runs', async () => {
  begin()
  await deploy([], mix())
  await deploy(mix(), [source('source-1', { pattern: 'counter' }), ...mix().slice(1)])
  assert.deepEqual(engines.stopped, [])
  assert.deepEqual(engines.started.map(({ key, definition }) => [key, definition.sources[0].pattern]), [['mixer', 'smpte-bars'], ['mixer', 'counter']])
})

test('a wire taken away while its node lives ends the chain', async () => {
  begin()
  const nodes = addNodes(mix())
  await production.refresh()
  await reaches('running')
  nodes.mixer.wires = [[]]
  await production.refresh()
  const { chains } = production.metrics
  assert.deepEqual(chains.map(({ chain, state }) => [chain, state]), [['mixer', 'stopped'], ['link-out', 'stopped']])
  assert.match(chains[0].lastError, /gives its pictures to nobody/)
  assert.deepEqual(nodes.mixer.shown.at(-1).fill, 'red')
  assert.deepEqual(engines.stopped, ['mixer'])
})

test('flows that are stopped and not started again go off air; a restart of Node-RED does not', async () => {
  begin()
  await deploy([], mix())
  for (const { id } of mix()) production.remove(id)
  clock.pass(2900)
  assert.deepEqual(engines.stopped, [], 'nodes go and come in every deployment')
  clock.pass(200)
  await eventually('the end', () => engines.stopped.includes('mixer'))
  assert.deepEqual(production.metrics.chains, [])
})

test('a Node-RED that comes back finds its engine, and ends those that no flow wants any more', async () => {
  begin()
  await deploy([], mix())
  await engines.start('forgotten', engines.started[0].definition)
  begin()
  await deploy([], mix())
  assert.deepEqual(engines.stopped, ['forgotten'])
  assert.equal(engines.running.size, 1)
})

test('an engine that is started again is counted, and its counts go on', async () => {
  begin()
  await deploy([], mix())
  await reaches('running')
  const { frames } = production.metrics.chains[0]
  engines.restart('mixer')
  await eventually('the new engine', () => {
    clock.pass(500)
    return production.metrics.chains[0].restarts === 1
  })
  assert.ok(production.metrics.chains[0].frames > frames)
})

test('a deploy that was refused keeps no later one from working', async () => {
  begin()
  await deploy([], mix())
  engines.isRefusing = true
  await deploy(mix(), [])
  assert.deepEqual([engines.stopped, said.at(-1)], [[], 'no answer within 40 s'])
  engines.isRefusing = false
  await deploy([], fasterMix())
  await reaches('running')
  await deploy(mix(), [])
  assert.equal(engines.running.size, 0, 'the one that refused to end has ended')
})

test('flows that are stopped while the engines refuse are no crash', async () => {
  begin()
  await deploy([], mix())
  engines.isRefusing = true
  for (const { id } of mix()) production.remove(id)
  clock.pass(3100)
  await eventually('it is said', () => said.includes('no answer within 40 s'))
})

test('another format is another engine, and no restart; its speed is measured by its own rate', async () => {
  begin()
  await deploy([], mix())
  await reaches('running')
  const { pid } = production.metrics.chains[0]
  await deploy(mix(), fasterMix())
  await reaches('running')
  await eventually('its speed', () => {
    clock.pass(500)
    return production.metrics.chains[0].pid !== pid && production.metrics.chains[0].speed === 0.4 // 10 frames each half a second
  })
  assert.equal(production.metrics.chains[0].restarts, 0)
})

test('what goes wrong in taking in an engine\'s state is told', async () => {
  begin()
  await deploy([], mix())
  await reaches('running')
  engines.running.get('mixer').encoders = []
  await eventually('the trouble', () => {
    clock.pass(500)
    return /cannot be taken in: TypeError/.test(production.metrics.chains[0].lastError)
  })
})

test('an encoder machine is on air with the mixer machine\'s pictures, not with a slate', async () => {
  begin()
  await deploy([], [linkIn(), encoder(), hlsOut(), fileOut()])
  const link = engines.running.get('encoder').sources['link-in']
  Object.assign(link, { state: 'slate', lastError: 'Connection refused' })
  clock.pass(2000)
  await eventually('what is wrong', () => {
    clock.pass(500)
    return production.metrics.chains[0].lastError === 'link-in: Connection refused'
  })
  assert.equal(production.metrics.chains[0].state, 'starting')
  link.state = 'live'
  await reaches('running')
  link.state = 'hold'
  await reaches('waiting')
})

test('each source shows its own state in the editor', async () => {
  begin()
  const nodes = await deploy([], mix())
  await reaches('running')
  Object.assign(engines.running.get('mixer').sources['source-1'], { state: 'slate', lastError: 'No such file' })
  await eventually('the status', () => {
    clock.pass(1000)
    return nodes['source-1'].shown.at(-1).text === 'No such file'
  })
  assert.equal(nodes['source-1'].shown.at(-1).fill, 'red')
  assert.deepEqual(nodes['source-2'].shown.at(-1), { fill: 'green', shape: 'dot', text: 'live' })
})

test('of two sources with one name, each shows its own state', async () => {
  begin()
  const nodes = await deploy([], mix().map((part) => part.type === 'media-source' ? { ...part, name: 'camera' } : part))
  await reaches('running')
  Object.assign(engines.running.get('mixer').sources['camera 2'], { state: 'slate', lastError: 'No such file' })
  await eventually('the status', () => {
    clock.pass(1000)
    return nodes['source-2'].shown.at(-1).text === 'No such file'
  })
  assert.equal(nodes['source-1'].shown.at(-1).text, 'live')
})

test('the fader is a command to the engine', async () => {
  begin()
  addNodes(mix())
  assert.equal(production.faderPosition, null)
  assert.equal(await production.moveFader(0.5), null)
  await production.refresh()
  await reaches('running')
  assert.deepEqual(await production.moveFader(0.25, mixer().id), { fader: 0.25, seconds: 0 })
  assert.deepEqual(engines.commands, [{ key: 'mixer', command: 'fader', fader: 0.25, seconds: 0 }])
  assert.equal(production.faderPosition, 0.25)
  assert.equal(await production.moveFader(0.5, 'another mixer'), null)
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
  await eventually('a document', () => {
    clock.pass(1000)
    return documents.some(({ media }) => media?.state === 'running')
  })
  const { media } = documents.findLast((document) => document.media)
  assert.deepEqual(Object.keys(media), [
    'host', 'instanceName', 'productionId', 'chain', 'state', 'frames', 'frameRate', 'bitRate', 'droppedFrames', 'duplicatedFrames', 'speed', ...OF_LINK_AND_SOUND, 'restarts', 'timestamp'
  ])
  assert.deepEqual(OF_LINK_AND_SOUND.map((name) => media[name]), [null, null, null, null, -6.2], 'a mixer\'s link ends elsewhere')
  assert.ok(!JSON.stringify(documents).includes(PASSPHRASE))
})

test('every other second a document about the process goes along, while a chain is there', async () => {
  const { documents, environment } = await logHost()
  begin(environment)
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
  for (const { id } of mix()) production.remove(id)
  await eventually('the end', () => {
    clock.pass(1000)
    return production.metrics.chains.length === 0
  })
  assert.equal(clock.waiting, 0)
})

/** What is told of chains that are down. */
const toldDown = () => said.filter((text) => text.includes('has not been running'))

test('a chain that is down on air for ten seconds is told in the log', async () => {
  begin()
  addNodes(mix())
  await production.refresh()
  await reaches('running')
  // The engine is to run, and does not answer.
  engines.command = () => Promise.reject(new EngineRefused('no answer'))
  await reaches('waiting')
  clock.pass(8000)
  await setImmediate()
  assert.deepEqual(toldDown(), [])
  clock.pass(3000)
  await eventually('it is told', () => toldDown().length > 0)
  assert.deepEqual(toldDown(), ['Chain mixer has not been running for 10 s: it is waiting'])
})

test('an output in trouble for thirty seconds is told in the log, and every output in a document', async () => {
  begin()
  addNodes([source('source-1', { wires: [['encoder']] }), encoder({ wires: [['file-out']] }), fileOut()])
  await production.refresh()
  await reaches('running')
  const [chain] = [...engines.running.values()]
  const [output] = chain.encoders[0].outputs
  Object.assign(output, { state: 'behind', lastError: 'AccessDenied: no', told: { bytes: 9, sentBytes: 7, behindSeconds: 12.5 } })
  const told = () => said.filter((text) => text.includes('has been in trouble'))
  for (let second = 0; second < 29; second++) {
    clock.pass(1000)
    await setImmediate()
  }
  assert.deepEqual(told(), [])
  await eventually('it is told', () => {
    clock.pass(1000)
    return told().length > 0
  })
  assert.match(told()[0], /^Output file-out of chain .* has been in trouble for 30 s: it is behind: AccessDenied: no$/)
  const [{ outputs: [{ kind, state, isWell, behindMs, sentBytes }] }] = production.metrics.chains
  assert.deepEqual([kind, state, isWell, behindMs, sentBytes], ['recording', 'behind', false, 12_500, 7])
})

test('a chain that is ended and takes its time with its outputs is not down', async () => {
  begin()
  addNodes(mix())
  await production.refresh()
  await reaches('running')
  const asked = []
  const list = engines.list.bind(engines)
  engines.list = () => { asked.push('list'); return list() }
  engines.running.delete('mixer') // by whoever keeps the engines
  await reaches('waiting')
  clock.pass(60_000)
  await eventually('who keeps the engines was asked', () => asked.length > 0)
  await setImmediate()
  assert.deepEqual(toldDown(), [])
})
