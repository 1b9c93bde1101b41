'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { Fader, WrongFade, readFade } = require('../lib/fader')
const { weightsAt } = require('../lib/compile-inputs')
const { FakeClock } = require('../test-support/fake-clock')

function faderAt (position) {
  const clock = new FakeClock()
  const moves = []
  return { clock, moves, fader: new Fader(position, (at) => moves.push(at), clock) }
}

test('a jump is one move', () => {
  const { fader, moves } = faderAt(1)
  fader.moveTo({ fader: 0.25, seconds: 0 })
  assert.deepEqual(moves, [0.25])
})

test('a ramp moves 25 times a second, evenly, and ends exactly where it should', () => {
  const { fader, clock, moves } = faderAt(1)
  fader.moveTo({ fader: 0, seconds: 2 })
  clock.pass(1000)
  assert.equal(moves.length, 25)
  assert.ok(Math.abs(fader.position - 0.5) < 1e-9)
  clock.pass(5000)
  assert.equal(moves.length, 50)
  assert.equal(fader.position, 0)
  assert.equal(clock.waiting, 0)
})

test('a new move takes over from where the fader stands', () => {
  const { fader, clock } = faderAt(1)
  fader.moveTo({ fader: 0, seconds: 2 })
  clock.pass(1000)
  fader.moveTo({ fader: 1, seconds: 1 })
  clock.pass(520)
  assert.ok(Math.abs(fader.position - 0.76) < 1e-9)
  clock.pass(500)
  assert.equal(fader.position, 1)
})

test('the schedule is followed in time, and forgotten when stopped', () => {
  const { fader, clock } = faderAt(1)
  fader.follow([{ atSeconds: 5, fader: 0, seconds: 2 }, { atSeconds: 10, fader: 1, seconds: 0 }])
  clock.pass(4999)
  assert.equal(fader.position, 1)
  clock.pass(2041)
  assert.equal(fader.position, 0)
  fader.stop()
  clock.pass(60000)
  assert.equal(fader.position, 0)
  assert.equal(clock.waiting, 0)
})

test('a wish is a number or an object; anything else is refused with what would be right', () => {
  assert.deepEqual(readFade(0.5), { fader: 0.5, seconds: 0 })
  assert.deepEqual(readFade({ fader: 0, seconds: 1.5 }), { fader: 0, seconds: 1.5 })
  for (const wrong of [1.01, -0.1, '0.5', null, undefined, NaN, {}, [], { fader: 0.5, seconds: -1 }, { fader: 0.5, seconds: '1' }]) {
    assert.throws(() => readFade(wrong), WrongFade, JSON.stringify(wrong))
  }
  assert.throws(() => readFade(2), { message: 'fader must be a number from 0 to 1, not 2' })
})

test('weights add up to one exactly', () => {
  for (let step = 0; step <= 333; step++) {
    const [first, second] = weightsAt(step / 333).split(' ').map((weight) => Math.round(Number(weight) * 10000))
    assert.equal(first + second, 10000)
  }
  assert.equal(weightsAt(1), '1.0000 0.0000')
})
