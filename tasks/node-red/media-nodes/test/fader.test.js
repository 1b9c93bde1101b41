'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { WrongFade, readFade } = require('../lib/fader')

test('a wish is a number or an object; anything else is refused with what would be right', () => {
  assert.deepEqual(readFade(0.5), { fader: 0.5, seconds: 0 })
  assert.deepEqual(readFade({ fader: 0, seconds: 1.5 }), { fader: 0, seconds: 1.5 })
  for (const wrong of [1.01, -0.1, '0.5', null, undefined, NaN, {}, [], { fader: 0.5, seconds: -1 }, { fader: 0.5, seconds: '1' }]) {
    assert.throws(() => readFade(wrong), WrongFade, JSON.stringify(wrong))
  }
  assert.throws(() => readFade(2), { message: 'fader must be a number from 0 to 1, not 2' })
})
