'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const { test } = require('node:test')
const { LogDocuments, logTarget } = require('../lib/metrics/log-documents')

async function host (answer) {
  const received = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => { body += chunk })
    request.on('end', () => {
      received.push([request.method, request.url, JSON.parse(body)])
      answer(response)
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, received, target: { hostname: '127.0.0.1', port: server.address().port } }
}

test('documents arrive', async () => {
  const { server, received, target } = await host((response) => response.end('ok'))
  await new LogDocuments(target, assert.fail).send([{ media: { frames: 1 } }, { media: { frames: 2 } }])
  server.close()
  assert.deepEqual(received, [['PUT', '/media', { media: { frames: 1 } }], ['PUT', '/media', { media: { frames: 2 } }]])
})

test('a log host that is gone is told once, and once when it is back', async () => {
  const said = []
  let status = 500
  const { server, target } = await host((response) => response.writeHead(status).end())
  const documents = new LogDocuments(target, (text) => said.push(text))
  await documents.send([{}])
  await documents.send([{}])
  status = 200
  await documents.send([{}])
  server.close()
  server.closeAllConnections()
  await documents.send([{}])
  assert.match(said[0], /takes no documents: it answered 500/)
  assert.match(said[1], /takes documents again/)
  assert.match(said[2], /takes no documents: /)
  assert.equal(said.length, 3)
  assert.equal(documents.droppedDocuments, 3)
})

test('while the last documents are under way, new ones are dropped', async () => {
  let release
  const { server, received, target } = await host((response) => { release = () => response.end() })
  const documents = new LogDocuments(target, assert.fail)
  const first = documents.send([{ first: true }])
  await documents.send([{ second: true }, { third: true }])
  assert.equal(documents.droppedDocuments, 2)
  while (!release) await new Promise((resolve) => setImmediate(resolve))
  release()
  await first
  server.close()
  assert.equal(received.length, 1)
})

test('no log host, or half of one, is none', () => {
  assert.equal(logTarget({}), null)
  assert.equal(logTarget({ LOG_HOSTNAME: '', LOG_PORT: '' }), null)
  assert.equal(logTarget({ LOG_HOSTNAME: 'logs', LOG_PORT: 'x' }), null)
  assert.deepEqual(logTarget({ LOG_HOSTNAME: 'logs', LOG_PORT: '8765' }), { hostname: 'logs', port: 8765 })
})
