'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { defineChain } = require('../lib/chain-definition')
const { findChains } = require('../lib/graph')
const { readPart } = require('../lib/part')
const parts = require('../test-support/parts')

test('each kind of destination gets what its process has to know, and no more', () => {
  const at = (id, more, beside) => readPart({ id, name: id, type: 'media-destination', number: 1, port: 9740, latencyMs: 120, mode: 'caller', wires: [], ...more }, beside)
  const destinations = [
    at('service', { kind: 'rtmp', url: 'rtmps://a.example.com/live', keySecret: 'organist/s/key' }),
    at('station', { kind: 'srt', address: '192.0.2.1', port: 9000, passphraseSecret: 'organist/s/station', streamId: 'one' }),
    at('callers', { kind: 'srt', mode: 'listener', port: 9741 }, { passphrase: 'a passphrase of ours' }),
    at('plain', { kind: 'rtp', address: '192.0.2.2', port: 5004 })
  ]
  const chain = parts.encode().map((part) => part.type === 'media-encoder' ? { ...part, wires: [...part.wires, ...destinations.map(({ id }) => id)] } : part)
  const [found] = findChains([...chain, ...destinations])
  assert.deepEqual(found.faults, [])
  const [{ outputs }] = defineChain(found, { host: '10.0.0.8', mediaDir: '/data/media', productionId: null }).encoders
  assert.deepEqual(outputs.filter(({ kind }) => kind === 'destination').map(({ kind, ...rest }) => rest), [
    { name: 'service', to: 'rtmp', url: 'rtmps://a.example.com/live', secret: 'organist/s/key' },
    { name: 'station', to: 'srt', mode: 'caller', address: '192.0.2.1', streamId: 'one', secret: 'organist/s/station', port: 9000, latencyMs: 120 },
    { name: 'callers', to: 'srt', mode: 'listener', address: '10.0.0.8', port: 9741, latencyMs: 120, passphrase: 'a passphrase of ours' },
    { name: 'plain', to: 'rtp', address: '192.0.2.2', port: 5004 }
  ])
})
