'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { DownWatch } = require('../lib/metrics/down-watch')

/** What is told of a chain whose state is looked at each second. */
function told (watch, states, from = 0) {
  return states.flatMap((state, second) => {
    const text = watch.look({ name: 'mixer', state }, (from + second) * 1000)
    return text ? [[from + second, text]] : []
  })
}

const times = (state, count) => Array(count).fill(state)

test('a chain that is down for ten seconds is told once, and once that it is back', () => {
  const states = ['running', ...times('waiting', 15), ...times('running', 3), ...times('waiting', 11)]
  assert.deepEqual(told(new DownWatch(), states), [
    [11, 'Chain mixer has not been running for 10 s: it is waiting'],
    [16, 'Chain mixer is running again'],
    [29, 'Chain mixer has not been running for 10 s: it is waiting']
  ])
})

test('a chain that is back sooner is not told of', () => {
  assert.deepEqual(told(new DownWatch(), ['running', ...times('waiting', 10), 'running', ...times('waiting', 10)]), [])
})

test('a chain that has not been on air yet is not down', () => {
  assert.deepEqual(told(new DownWatch(), times('starting', 60)), [])
})

test('a chain whose new flow is wrong is down', () => {
  assert.match(told(new DownWatch(), ['running', ...times('stopped', 11)])[0][1], /it is stopped$/)
})

test('a chain that was taken away and comes again begins anew', () => {
  const watch = new DownWatch()
  told(watch, ['running', ...times('waiting', 5)])
  watch.forget('mixer')
  assert.deepEqual(told(watch, times('starting', 30), 6), [])
})
