'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { FrameRate } = require('../../../engine/clock/frame-rate')
const { ProductionClock } = require('../../../engine/clock/production-clock')
const { FakeClock } = require('../../../test-support/fake-clock')

const samplesOf = (rate, frames) => Array.from({ length: frames }, (_, frame) => rate.samplesUpTo(frame + 1) - rate.samplesUpTo(frame))

test('29.97 means 30000/1001, and so do the others of its family', () => {
  const fractions = [23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 12.5].map((rate) => String(new FrameRate(rate)))
  assert.deepEqual(fractions, ['24000/1001', '24/1', '25/1', '30000/1001', '30/1', '50/1', '60000/1001', '60/1', '12500/1000'])
})

test('samples a picture are whole, and no sample is lost', () => {
  assert.deepEqual(samplesOf(new FrameRate(29.97), 5), [1602, 1601, 1602, 1601, 1602])
  assert.deepEqual(samplesOf(new FrameRate(59.94), 5), [801, 801, 800, 801, 801])
  assert.equal(samplesOf(new FrameRate(59.94), 60_000).reduce((sum, count) => sum + count), 48_048_000)
  assert.deepEqual(samplesOf(new FrameRate(25), 2), [1920, 1920])
})

test('a frame has begun when it has, without the error of fractions', () => {
  const rate = new FrameRate(29.97)
  for (const frame of [0, 1, 3, 1000, 123_456, 2_589_407]) {
    assert.equal(rate.framesWithin(rate.msUpTo(frame)), frame + 1)
    assert.equal(rate.framesWithin(rate.msUpTo(frame) - 0.01), frame)
  }
})

function clockAt (frameRate) {
  const time = new FakeClock()
  const ticks = []
  return { time, ticks, clock: new ProductionClock(new FrameRate(frameRate), time, (number) => ticks.push([number, time.now()])) }
}

test('a tick comes once a frame, and the count follows time for an hour without drift', () => {
  const { time, ticks, clock } = clockAt(59.94)
  clock.start()
  time.pass(3_600_000)
  assert.equal(ticks.length, Math.floor(3600 * 60000 / 1001) + 1)
  assert.ok(ticks.every(([number, at], index) => number === index && Math.abs(at - number * 1001 / 60) < 1))
  clock.stop()
  assert.equal(time.waiting, 0)
})

test('ticks that come late are made up for; after a standstill the missed ones are left out and counted', () => {
  const { time, ticks, clock } = clockAt(25)
  const late = (ms) => {
    const [timer] = time.timers
    timer.at += ms // the process did not run
  }
  clock.start()
  time.pass(400)
  late(500)
  time.pass(600)
  assert.deepEqual(ticks.map(([number]) => number), Array.from({ length: ticks.length }, (_, index) => index))
  assert.equal(clock.missed, 0)
  const before = ticks.length
  late(10_000)
  time.pass(10_040)
  assert.equal(clock.missed, 250)
  assert.equal(ticks[before][0], before + 250)
})

test('it can begin with a later frame', () => {
  const { time, ticks, clock } = clockAt(25)
  clock.start(1000)
  time.pass(80)
  assert.deepEqual(ticks.map(([number]) => number), [1000, 1001, 1002])
})
