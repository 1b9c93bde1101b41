'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { OutputWatch } = require('../lib/metrics/output-watch')

const CONNECTED = { connectedSince: '2026-11-26T10:00:00.000Z' }
const recording = (state) => ({ name: 'recording', kind: 'recording', state, told: { bytes: 1 }, lastError: state === 'sending' ? null : 'AccessDenied' })
const destination = (state, told = null, more = {}) => ({ name: 'YouTube', kind: 'destination', isCalled: false, state, told, lastError: null, ...more })
const times = (output, count) => Array(count).fill(output)

/** What is told of an output that is looked at each second. */
function told (outputs, watch = new OutputWatch()) {
  return outputs.flatMap((output, second) => watch.look('encoder', [output], second * 1000).map((text) => [second, text]))
}

test('an output in trouble for thirty seconds is told once, and once that it is well for five', () => {
  assert.deepEqual(told([recording('sending'), ...times(recording('behind'), 40), ...times(recording('sending'), 10), ...times(recording('full'), 31)]), [
    [31, 'Output recording of chain encoder has been in trouble for 30 s: it is behind: AccessDenied'],
    [46, 'Output recording of chain encoder is well again'],
    [81, 'Output recording of chain encoder has been in trouble for 30 s: it is full: AccessDenied']
  ])
})

test('trouble that ends sooner is not told of', () => {
  assert.deepEqual(told([...times(recording('behind'), 30), ...times(recording('sending'), 6), ...times(recording('behind'), 30)]), [])
})

test('a server that is called again and again, and takes something for a moment or nothing at all, is trouble', () => {
  const refused = [destination('waiting'), destination('waiting'), destination('sending')]
  assert.match(told(Array(11).fill(refused).flat())[0][1], /^Output YouTube of chain encoder has been in trouble for 30 s: it is (waiting|sending)$/)
  const dropped = [...times(destination('sending', CONNECTED), 3), destination('waiting')]
  assert.equal(told(Array(12).fill(dropped).flat()).length, 1)
  assert.equal(told(times(destination('sending', { connectedSince: null }), 31)).length, 1)
  assert.deepEqual(told(times(destination('sending', CONNECTED), 60)), [])
})

test('a receiver that has to call, what has ended, and the page that nobody asked for, are no trouble', () => {
  assert.deepEqual(told(times(destination('sending', { connectedSince: null }, { isCalled: true }), 60)), [])
  assert.deepEqual(told(times(destination('stopped'), 60)), [])
  assert.deepEqual(told(times({ name: 'hls', kind: 'hls', state: 'full', told: null, lastError: 'no room' }, 60)), [])
})

test('what was taken away and comes again begins anew', () => {
  const watch = new OutputWatch()
  told(times(recording('behind'), 25), watch)
  watch.look('encoder', [], 25_000)
  assert.deepEqual(watch.look('encoder', [recording('behind')], 31_000), [])
  watch.forget('encoder')
  assert.deepEqual(watch.look('encoder', [recording('behind')], 62_000), [])
  assert.equal(watch.look('encoder', [recording('behind')], 92_000).length, 1)
})
