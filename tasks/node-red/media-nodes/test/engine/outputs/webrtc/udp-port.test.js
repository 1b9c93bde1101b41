'use strict'

const assert = require('node:assert/strict')
const dgram = require('node:dgram')
const { once } = require('node:events')
const { afterEach, beforeEach, test } = require('node:test')
const { SILENT_MS, UdpPort, userOf } = require('../../../../engine/outputs/webrtc/udp-port')
const { eventually } = require('../../../../test-support/eventually')
const { FakeClock } = require('../../../../test-support/fake-clock')

/** A STUN binding request (RFC 8489, 5): here with a priority, which browsers send, too. */
function request (user) {
  const name = Buffer.from(user)
  const body = Buffer.alloc(8 + 4 + Math.ceil(name.length / 4) * 4)
  body.writeUInt16BE(0x0024, 0)
  body.writeUInt16BE(4, 2)
  body.writeUInt16BE(0x0006, 8)
  body.writeUInt16BE(name.length, 10)
  name.copy(body, 12)
  const head = Buffer.alloc(20)
  head.writeUInt16BE(1, 0)
  head.writeUInt16BE(body.length, 2)
  head.writeUInt32BE(0x2112a442, 4)
  return Buffer.concat([head, body])
}

let clock, udpPort, sockets
beforeEach(async () => {
  clock = new FakeClock()
  udpPort = new UdpPort(clock)
  sockets = []
  await udpPort.listen(0, '127.0.0.1')
})
afterEach(() => {
  udpPort.close()
  for (const socket of sockets) socket.close()
})

/** An end of a connection, which keeps what comes to it. */
async function end () {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  sockets.push(socket)
  await once(socket, 'listening')
  const came = []
  socket.on('message', (packet, { port }) => came.push({ text: String(packet), packet, port }))
  return { came, port: socket.address().port, send: (packet, port = udpPort.port) => socket.send(packet, port, '127.0.0.1') }
}

test('browsers come over one port, each to its own connection inside, and are answered', async () => {
  const [one, two, inside, other] = await Promise.all([end(), end(), end(), end()])
  udpPort.add('a:b', inside.port)
  udpPort.add('c:d', other.port)
  one.send(request('a:b'))
  two.send(request('c:d'))
  await eventually('both came', () => inside.came.length === 1 && other.came.length === 1)
  assert.ok(inside.came[0].packet.equals(request('a:b')))
  one.send('more')
  await eventually('what follows', () => inside.came.at(-1).text === 'more')
  assert.equal(inside.came[1].port, inside.came[0].port)
  inside.send('an answer', inside.came[0].port)
  await eventually('the answer', () => one.came.length === 1)
  assert.deepEqual([one.came[0].text, one.came[0].port, two.came], ['an answer', udpPort.port, []])
})

test('a stranger reaches nobody: neither without a name, nor with another\'s, nor as one who has gone', async () => {
  const [stranger, known, inside] = await Promise.all([end(), end(), end()])
  udpPort.add('a:b', inside.port)
  for (const packet of ['hello', Buffer.alloc(20), request('a:x'), request('a'), request('')]) stranger.send(packet)
  known.send(request('a:b'))
  await eventually('who is known', () => inside.came.length === 1)
  udpPort.remove('a:b')
  known.send('more')
  udpPort.add('e:f', inside.port)
  stranger.send(request('e:f'))
  await eventually('who came last', () => inside.came.length === 2)
  assert.ok(inside.came[1].packet.equals(request('e:f')))
})

test('a viewer may come over a few addresses and no more', async () => {
  const inside = await end()
  udpPort.add('a:b', inside.port)
  const ends = []
  for (let count = 0; count < 12; count++) ends.push(await end())
  for (const one of ends) one.send(request('a:b'))
  await eventually('eight came', () => inside.came.length >= 8)
  for (const one of ends) one.send('again')
  await eventually('the same again', () => inside.came.filter(({ text }) => text === 'again').length >= 8)
  assert.equal(new Set(inside.came.map(({ port }) => port)).size, 8)
})

test('one from whom nothing comes is told of', async () => {
  const [browser, inside] = await Promise.all([end(), end()])
  const silent = []
  udpPort.on('silent', (user) => silent.push(user))
  udpPort.add('a:b', inside.port)
  udpPort.add('c:d', inside.port)
  clock.pass(SILENT_MS - 1000)
  browser.send(request('a:b'))
  await eventually('it came', () => inside.came.length === 1)
  clock.pass(1000)
  assert.deepEqual(silent, ['c:d'])
})

test('a name is read of a request, and of nothing else', () => {
  assert.equal(userOf(request('abcd:efgh')), 'abcd:efgh')
  for (const packet of [Buffer.alloc(0), request('a:b').subarray(0, 20), Buffer.from([0x80, ...Array(40).fill(0)]), Buffer.from([22, ...Array(40).fill(1)])]) assert.equal(userOf(packet), null)
  const endless = request('a:b')
  endless.writeUInt16BE(0xffff, 22)
  assert.equal(userOf(endless), null)
})
