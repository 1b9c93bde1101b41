'use strict'

/** Who asks a link's sending end to listen anew, and who answers: the dead and the mute lock nobody out. */

const assert = require('node:assert/strict')
const { once } = require('node:events')
const net = require('node:net')
const { afterEach, beforeEach, describe, it } = require('node:test')
const { LinkControlClient } = require('../../../engine/link/link-control-client')
const { LinkControlServer } = require('../../../engine/link/link-control-server')
const { proofOf } = require('../../../engine/link/link-secret')
const { FakeClock } = require('../../../test-support/fake-clock')
const { realTime } = require('../../../test-support/measuring/conformed')
const { eventually } = require('../../../test-support/eventually')

const [HOST, PORT] = ['127.0.0.67', 9792]
const PASSPHRASE = 'the passphrase of a link'
/** More than have a place at a time. */
const MANY = 9

describe('the sending end', () => {
  let server, sockets
  beforeEach(async () => {
    sockets = []
    server = new LinkControlServer(PASSPHRASE, realTime)
    server.on('renew', (done) => done())
    server.listen(PORT, HOST)
    await call(null)
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await server.close()
  })

  /** A caller; `heard` is what it was told, `isOver` whether it was ended. */
  async function call (passphrase = PASSPHRASE) {
    const socket = net.connect(PORT, HOST)
    const caller = { socket, heard: '', isOver: false }
    sockets.push(socket)
    socket.setEncoding('utf8').on('error', () => {}).on('close', () => { caller.isOver = true })
    socket.on('data', (text) => {
      if (caller.heard === '' && passphrase) socket.write(`${proofOf(passphrase, text.trim())}\n`)
      caller.heard += text
    })
    await once(socket, 'connect')
    await eventually('an answer', () => caller.isOver || (passphrase ? caller.heard.includes('renewed') : caller.heard))
    return caller
  }

  it('callers that say nothing any more keep no new one away, who ends those before it', async () => {
    const callers = []
    for (let count = 0; count < MANY; count++) {
      callers.push(await call())
      assert.match(callers.at(-1).heard, /renewed/, `caller ${count + 1}`)
    }
    await eventually('the older ones are over', () => callers.filter(({ isOver }) => isOver).length === MANY - 1)
    assert.equal(callers.at(-1).isOver, false)
  })

  it('who proves nothing has no part in it: the known caller stays', async () => {
    const known = await call()
    assert.equal((await call('another passphrase')).isOver, true)
    await call(null)
    known.socket.write('again\n')
    await eventually('it is answered', () => known.heard.match(/renewed/g).length === 2)
  })

  it('asks the network whether a caller is still there', async (t) => {
    const asked = t.mock.method(net.Socket.prototype, 'setKeepAlive')
    await call()
    assert.deepEqual(asked.mock.calls.map(({ arguments: given }) => given), [[true, 5000]])
  })
})

describe('the receiving end', () => {
  it('where nothing is said to it, tells that once, and tries again', async () => {
    const callers = []
    const mute = net.createServer((socket) => callers.push(socket.on('error', () => {}))).listen(PORT + 1, HOST)
    await once(mute, 'listening')
    const clock = new FakeClock()
    const client = new LinkControlClient({ address: HOST, controlPort: PORT + 1, passphrase: PASSPHRASE }, clock)
    const told = []
    client.on('trouble', (text) => told.push(text))
    try {
      client.start()
      for (let count = 1; count <= 3; count++) {
        await eventually(`call ${count}`, () => callers.length === count)
        clock.pass(2999)
        assert.equal(told.length, count > 1 ? 1 : 0)
        clock.pass(1)
        await eventually('it waits to try again', () => clock.timers[0]?.at === clock.now() + 100)
        clock.pass(100)
      }
      assert.deepEqual(told, ['no answer within 3 s'])
    } finally {
      client.stop()
      for (const socket of callers) socket.destroy()
      mute.close()
    }
    assert.equal(clock.waiting, 0)
  })
})
