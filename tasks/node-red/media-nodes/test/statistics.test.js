'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { Backoff } = require('../lib/backoff')
const { scrub } = require('../lib/scrub')
const { Statistics } = require('../lib/metrics/statistics')
const { FakeClock } = require('../test-support/fake-clock')

const report = (frames, more = {}) => ({ frames, bits: 0, droppedFrames: 0, duplicatedFrames: 0, linkLostPackets: null, linkReconnects: null, ...more })

test('counts go on when an engine is started again, rates are of the last two seconds', () => {
  const clock = new FakeClock()
  const statistics = new Statistics(clock, 25)
  assert.deepEqual(statistics.figures, { frames: 0, frameRate: null, bitRate: null, droppedFrames: 0, duplicatedFrames: 0, speed: null, linkLostPackets: null, linkReconnects: null })
  for (let frame = 0; frame <= 100; frame += 5) {
    statistics.addReport(report(frame, { bits: frame * 32_000, droppedFrames: 1 }))
    clock.pass(200)
  }
  assert.equal(statistics.figures.frameRate, 25)
  assert.equal(statistics.figures.bitRate, 800_000)
  assert.equal(statistics.figures.speed, 1)
  statistics.beginRun()
  statistics.addReport(report(7, { droppedFrames: 2 }))
  assert.deepEqual(statistics.figures, {
    frames: 107, frameRate: null, bitRate: null, droppedFrames: 3, duplicatedFrames: 0, speed: null, linkLostPackets: null, linkReconnects: null
  })
})

test('what a link lost is counted over its engines; without a link nothing is told of one', () => {
  const statistics = new Statistics(new FakeClock(), 25)
  const link = (linkLostPackets, linkReconnects) => statistics.addReport(report(1, { linkLostPackets, linkReconnects }))
  const told = () => [statistics.figures.linkLostPackets, statistics.figures.linkReconnects]
  link(null, null)
  assert.deepEqual(told(), [null, null])
  link(5, 1)
  statistics.beginRun()
  assert.deepEqual(told(), [5, 1])
  link(2, 0)
  assert.deepEqual(told(), [7, 1])
})

test('the burst at the start is no rate', () => {
  const clock = new FakeClock()
  const statistics = new Statistics(clock, 25)
  statistics.addReport(report(0))
  clock.pass(101)
  statistics.addReport(report(18, { bits: 400_000 }))
  // 18 frames in 101 ms are 178 a second.
  assert.deepEqual([statistics.figures.frameRate, statistics.figures.bitRate], [null, null])
  clock.pass(898)
  statistics.addReport(report(40))
  assert.equal(statistics.figures.frameRate, null)
  clock.pass(1)
  statistics.addReport(report(40))
  assert.equal(statistics.figures.frameRate, 40)
})

test('waits double from 0.25 s to 5 s, and start again after a good run', () => {
  const backoff = new Backoff()
  assert.deepEqual(Array.from({ length: 7 }, () => backoff.next()), [0.25, 0.5, 1, 2, 4, 5, 5])
  backoff.reset()
  assert.equal(backoff.next(), 0.25)
})

test('secrets are taken out of texts', () => {
  assert.equal(
    scrub('srt://h:1?passphrase=other&x=1 my secret word; https://user:pw@host/', ['my secret word', undefined]),
    'srt://h:1?passphrase=***&x=1 ***; https://***@host/'
  )
})
