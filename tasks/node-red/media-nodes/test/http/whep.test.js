'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const os = require('node:os')
const { after, before, beforeEach, test } = require('node:test')
const { signallingServer, TooManyViewers } = require('../../engine/outputs/webrtc/signalling')
const { WrongOffer, withCandidate } = require('../../engine/outputs/webrtc/viewer')
const { picturesServer } = require('../../lib/http/pictures-server')

const ID = '01234567-89ab-cdef-0123-456789abcdef'
let signalling, server, asked, viewers

before(async () => {
  signalling = signallingServer({ add: (one) => viewers.add(one), remove: async (id) => { asked.push(id) } })
  signalling.listen(0, '127.0.0.1')
  await once(signalling, 'listening')
  const lowLatency = { signalAddress: '127.0.0.1', signalPort: signalling.address().port }
  server = picturesServer(os.tmpdir(), 'A show', { lowLatency })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(() => {
  for (const one of [signalling, server]) {
    one.closeAllConnections()
    one.close()
  }
})
beforeEach(() => {
  asked = []
  viewers = {
    add: async (one) => {
      asked.push(one)
      return { id: ID, answer: 'v=0\r\n' }
    }
  }
})

function ask (path, method, { host = `127.0.0.1:${server.address().port}`, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ port: server.address().port, host: '127.0.0.1', path, method, headers: { Host: host }, agent: false }, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, headers: response.headers, text })
    })
    request.on('error', reject)
    request.end(body)
  })
}

test('an offer is answered, with where the viewer is ended', async () => {
  const { status, headers, text } = await ask('/whep', 'POST', { body: 'an offer' })
  assert.deepEqual([status, headers['content-type'], headers.location, text], [201, 'application/sdp', `/whep/${ID}`, 'v=0\r\n'])
  assert.equal(headers['access-control-allow-origin'], '*')
  assert.match(headers['access-control-expose-headers'], /Location/)
  assert.equal((await ask(headers.location, 'DELETE')).status, 200)
  assert.deepEqual(asked, [{ offer: 'an offer', address: '127.0.0.1' }, ID])
})

test('the address announced is the one by which the machine was called', async () => {
  for (const host of ['203.0.113.9:8080', 'encoder.example', 'localhost:8080']) await ask('/whep', 'POST', { host, body: 'an offer' })
  assert.deepEqual(asked.map(({ address }) => address), ['203.0.113.9', 'encoder.example', '127.0.0.1'])
  for (const host of ['[::1]:8080', 'a b', 'a,b', 'x/y']) assert.equal((await ask('/whep', 'POST', { host, body: 'an offer' })).status, 400, host)
  assert.equal(asked.length, 3)
})

test('what is no offer is refused, and why is told', async () => {
  assert.equal((await ask('/whep', 'POST')).status, 400)
  assert.equal((await ask('/whep', 'POST', { body: 'x'.repeat(40_000) })).status, 400)
  viewers.add = async () => { throw new WrongOffer('no H.264') }
  const wrong = await ask('/whep', 'POST', { body: 'an offer' })
  assert.deepEqual([wrong.status, wrong.text], [400, 'the offer cannot be answered: no H.264. Offer to receive H.264 and Opus.'])
  viewers.add = async () => { throw new TooManyViewers(12) }
  assert.equal((await ask('/whep', 'POST', { body: 'an offer' })).status, 503)
})

test('other methods, and players on other origins', async () => {
  for (const [path, method, allowed] of [['/whep', 'GET', 'POST, OPTIONS'], [`/whep/${ID}`, 'POST', 'DELETE, OPTIONS']]) {
    const { status, headers } = await ask(path, method)
    assert.deepEqual([status, headers.allow], [405, allowed])
  }
  for (const path of ['/whep', `/whep/${ID}`]) {
    const { status, headers } = await ask(path, 'OPTIONS')
    assert.deepEqual([status, headers['access-control-allow-methods']], [204, 'POST, DELETE, OPTIONS'])
    assert.match(headers['access-control-allow-headers'], /Content-Type/)
  }
  assert.equal((await ask('/whep/..%2f', 'DELETE')).status, 405)
})

test('without the process behind it, it is told to be asked again', async () => {
  const alone = picturesServer(os.tmpdir(), 'A show', { lowLatency: { signalAddress: '127.0.0.1', signalPort: 9 } })
  alone.listen(0, '127.0.0.1')
  await once(alone, 'listening')
  try {
    const response = await fetch(`http://127.0.0.1:${alone.address().port}/whep`, { method: 'POST', body: 'an offer' })
    assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '2'])
  } finally {
    alone.closeAllConnections()
    alone.close()
  }
})

test('an answer names one way in, whatever addresses the machine has', () => {
  const sdp = ['v=0', 'a=candidate:x 1 udp 5 10.0.0.7 4000 typ host', 'a=candidate:y 1 udp 4 172.17.0.2 4000 typ host', 'a=end-of-candidates', 'a=mid:0', ''].join('\r\n')
  assert.equal(withCandidate(sdp, { address: '203.0.113.9', port: 9750 }), ['v=0', 'a=candidate:1 1 udp 2130706431 203.0.113.9 9750 typ host', 'a=end-of-candidates', 'a=mid:0', ''].join('\r\n'))
})
