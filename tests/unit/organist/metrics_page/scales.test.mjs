import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest, niceStep, runsOf, ticksUpTo, timeTicks } from '../../../../scripts/organist/metrics/page/scales.mjs'

test('ticks are round and reach the highest value', () => {
  assert.deepEqual(ticksUpTo(25.4), [0, 10, 20, 30])
  assert.deepEqual(ticksUpTo(1.2), [0, 0.5, 1, 1.5])
  assert.deepEqual(ticksUpTo(4), [0, 1, 2, 3, 4])
  for (const most of [0.003, 7, 99, 1e6, 3e9]) {
    const ticks = ticksUpTo(most)
    assert.ok(ticks.at(-1) >= most && ticks.length <= 6 && ticks.length >= 3, `${most}: ${ticks}`)
  }
  assert.equal(niceStep(100, 4), 50)
})

test('times on the axis are round, and never more than fit', () => {
  assert.deepEqual(timeTicks(1000, 61_000, 6), [10_000, 20_000, 30_000, 40_000, 50_000, 60_000])
  for (const seconds of [60, 300, 3600, 7200]) assert.ok(timeTicks(0, seconds * 1000, 6).length <= 7)
})

test('a line ends where nothing came for a while, or a value is missing', () => {
  const points = [{ at: 0, v: 1 }, { at: 1000, v: 1 }, { at: 9000, v: 1 }, { at: 10_000, v: null }, { at: 11_000, v: 1 }]
  assert.deepEqual(runsOf(points, ({ v }) => v).map((run) => run.length), [2, 1, 1])
})

test('the pointer shows the nearest point, and none within a gap', () => {
  const points = [{ at: 0 }, { at: 1000 }, { at: 20_000 }]
  assert.equal(nearest(points, 800), points[1])
  assert.equal(nearest(points, 10_000), null)
  assert.equal(nearest([], 0), null)
})
