'use strict'

/** The link between two engines: an end that is new is called at once, and nobody else can ask for it. */

const assert = require('node:assert/strict')
const net = require('node:net')
const { after, before, test } = require('node:test')
const { LinkControlServer } = require('../../../engine/link/link-control-server')
const { proofOf } = require('../../../engine/link/link-secret')
const { eventually } = require('../../../test-support/eventually')
const { KeptEngines } = require('../../../test-support/kept-engines')
const { realTime } = require('../../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

process.env.FFMPEG_PATH = realFfmpeg()
const HOST = '127.0.0.66'
const PASSPHRASE = 'the passphrase of a link'
const FORMAT = { width: 320, height: 180, frameRate: 25 }
const LINK = { address: HOST, port: 9710, controlPort: 9711, latencyMs: 60, passphrase: PASSPHRASE }
const engines = new KeptEngines()
const state = (key) => Promise.race([engines.command(key, { command: 'state' }).catch(() => null), new Promise((resolve) => setTimeout(resolve, 200, null))])
const encoding = (name, more) => ({ name, codec: 'h264', preset: 'ultrafast', bitRate: 2_000_000, bufferSeconds: 0.2, gopFrames: 12, sound: null, ...more })

before(async () => {
  await engines.start('mixer', {
    name: 'mixer',
    format: FORMAT,
    sources: [{ name: 'one', kind: 'pattern', pattern: 'test-card' }],
    beginsWithSource: false,
    encoders: [encoding('link', { outputs: [{ name: 'link', kind: 'srt', mode: 'listener', ...LINK }] })]
  })
  await engines.start('encoder', {
    name: 'encoder', format: FORMAT, sources: [{ name: 'link', kind: 'srt', mode: 'caller', ...LINK }], beginsWithSource: true, encoders: [encoding('programme', { outputs: [] })]
  })
  await eventually('the link is there', async () => (await state('encoder'))?.sources.link.state === 'live', 15)
})
after(() => engines.end())

/** Kill a process, and wait until the link is lost and there again. @returns {Promise<number>} seconds until it is */
async function backAfter (pid) {
  const { pid: engine, sources: { link: { received: { senders } } } } = await state('encoder')
  const startedAt = performance.now()
  process.kill(pid, 'SIGKILL')
  await eventually('the link is there again', async () => {
    const now = await state('encoder')
    const isNew = now && (now.pid !== engine || now.sources.link.received.senders > senders)
    return isNew && now.sources.link.state === 'live'
  }, 15)
  return (performance.now() - startedAt) / 1000
}

// SRT's listener keeps a dead call for 5 s: without the message the receiving end's own death costs 8 s.
const VICTIMS = {
  'the encoder machine\'s engine': async () => (await state('encoder')).pid,
  'the mixer machine\'s engine': async () => (await state('mixer')).pid,
  'what receives': async () => (await state('encoder')).sources.link.received.pid,
  'what sends': async () => (await state('mixer')).encoders[0].outputs[0].pid
}
for (const [name, pidOf] of Object.entries(VICTIMS)) {
  test(`${name} killed: the link is back long before a dead call would be over`, async () => {
    const seconds = await backAfter(await pidOf())
    assert.ok(seconds < 6, `${seconds} s`)
  })
}

/** Say one line to a control server, as if the nonce were known; resolves with what comes back before the connection ends. */
function say (port, answerTo) {
  return new Promise((resolve) => {
    const socket = net.connect(port, HOST)
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
      if (text.split('\n').length === 2) socket.write(`${answerTo(text.trim())}\n`)
      if (text.includes('renewed')) socket.destroy()
    })
    socket.on('close', () => resolve(text))
    socket.on('error', () => {})
  })
}

test('who does not know the passphrase is not answered, and changes nothing', async () => {
  const server = new LinkControlServer(PASSPHRASE, realTime)
  const asked = []
  server.on('renew', (done) => { asked.push(1); done() })
  server.listen(9791, HOST)
  const old = proofOf(PASSPHRASE, 'an older nonce')
  for (const answer of [() => 'again', () => '', () => old, (nonce) => proofOf('another passphrase', nonce), () => 'x'.repeat(2000)]) {
    assert.doesNotMatch(await say(9791, answer), /renewed/)
  }
  assert.deepEqual(asked, [])
  assert.match(await say(9791, (nonce) => proofOf(PASSPHRASE, nonce)), /renewed/)
  assert.deepEqual(asked, [1])
  await server.close()
})
