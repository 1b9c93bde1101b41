'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const { after, before, beforeEach, test } = require('node:test')
const { SecretStore } = require('../../../engine/sources/fetching/secret-store')

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'key' }
const SECRETS = { 'organist/news/studio': 'a passphrase', 'organist/news/short': 'short' }
let server, endpoint, asked, now

before(async () => {
  server = http.createServer(async (request, response) => {
    const chunks = await request.toArray()
    asked.push(request.headers)
    const name = JSON.parse(Buffer.concat(chunks)).SecretId
    const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
    if (name === 'organist/news/denied') answer(400, { __type: 'com.amazon.coral.service#AccessDeniedException' })
    else if (name in SECRETS) answer(200, { Name: name, SecretString: SECRETS[name] })
    else answer(400, { __type: 'ResourceNotFoundException' })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${server.address().port}`
})

beforeEach(() => { [asked, now] = [[], 0] })
after(() => server.close())

const storeOf = (more = {}) => new SecretStore({ endpoint, region: 'eu-west-1', credentials: async () => KEYS, now: () => now, ...more })

test('a secret is asked for with a signature, once a minute', async () => {
  const store = storeOf()
  assert.equal(await store.read('organist/news/studio'), 'a passphrase')
  now = 59_999
  await store.read('organist/news/studio')
  assert.equal(asked.length, 1)
  now = 60_000
  await store.read('organist/news/studio')
  assert.equal(asked.length, 2)
  assert.equal(asked[0]['x-amz-target'], 'secretsmanager.GetSecretValue')
  assert.match(asked[0].authorization, /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request, SignedHeaders=.*host.*x-amz-target/)
})

test('what cannot be read is told with what to do, and never what it is', async () => {
  const refused = (name, told, more) => assert.rejects(storeOf(more).read(name), (error) => {
    assert.equal(error.name, 'SecretUnreadable')
    assert.match(error.message, told)
    return !error.message.includes('short.')
  })
  await refused('organist/news/none', /organist\/news\/none: there is no such secret/)
  await refused('organist/news/denied', /may not read it/)
  await refused('organist/news/short', /holds must be 10 to 79 plain characters/)
  await refused('organist/news/studio', /AWS_REGION is not set/, { region: undefined })
  await refused('organist/news/studio', /the role of its task is missing/, { credentials: async () => null })
  await refused('organist/news/studio', /credentials cannot be had \(TimeoutError\)/, {
    credentials: async () => { throw Object.assign(new Error('late'), { name: 'TimeoutError' }) }
  })
  await refused('organist/news/studio', /gives no answer \(ECONNREFUSED\)/, { endpoint: 'http://127.0.0.9:50001' })
})
