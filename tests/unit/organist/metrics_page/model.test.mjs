import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { Model, columnsOf, megabits } from '../../../../scripts/organist/metrics/page/model.mjs'

const recorded = (name) => fs.readFileSync(new URL(`../../../metrics/recorded/${name}.ndjson`, import.meta.url), 'utf8')
  .trim().split('\n').map((line, index) => ({ number: index + 1, ...JSON.parse(line) }))

const record = (number, document, second = number) => ({ number, received: new Date(second * 1000).toISOString(), path: '/media', document })

function modelOf (records) {
  const model = new Model()
  model.add(records)
  return model
}

test('a recorded production has two chains, two processes and their figures', () => {
  const model = modelOf(recorded('media'))
  assert.equal(model.productions.length, 1)
  const [production] = model.productions
  const chains = model.of('chains', production)
  assert.deepEqual(chains.map(({ name }) => name.split('-')[0]), ['encoder', 'mixer'])
  assert.equal(chains[0].latest.frames, 1019)
  assert.ok(Math.abs(megabits(chains[0].latest.bitRate) - 2) < 0.2)
  assert.equal(chains[0].latest.linkLatencyMs, 672.2)
  assert.equal(chains[1].latest.linkLatencyMs, null, 'the link ends at the encoder machine')
  assert.deepEqual([chains[0].latest.integratedLufs, chains[0].latest.truePeakDbtp], [-18.3, -15.2])
  assert.ok(model.memoryOf(chains[1]) > 100)
})

test('what dynamorse sends is shown too, without a figure where its own has overflown', () => {
  const model = modelOf(recorded('dynamorse'))
  const nodes = model.of('nodes', model.productions[0])
  assert.equal(nodes.length, 5)
  const spout = nodes.find(({ name }) => name.startsWith('spoutTest'))
  assert.ok(spout.points.every(({ work }) => work === null || work > 0))
  assert.equal(spout.latest.waiting, null)
})

test('a document with the wrong types, or of another kind, does no harm', () => {
  const model = modelOf([
    record(1, { media: { chain: 7, frameRate: '25', frames: null, instanceName: ['x'] } }),
    record(2, { media: 'text' }),
    record(3, { other: {} })
  ])
  const [series] = model.of('chains', model.productions[0])
  assert.equal(series.latest.frameRate, null)
  assert.equal(model.last, 3)
})

test('an hour is kept, and when a production was heard of is told by itself', () => {
  const document = (productionId) => ({ media: { chain: 'mixer', instanceName: `mixer-${productionId}`, productionId, frameRate: 25 } })
  const model = modelOf([record(1, document('a'), 0), record(2, document('b'), 100), record(3, document('a'), 4000)])
  assert.deepEqual(model.heard('a'), { first: 4_000_000, last: 4_000_000 })
  assert.deepEqual(model.heard('b'), { first: 100_000, last: 100_000 })
})

test('a line ends where nothing came for a while, or a value is missing', () => {
  const points = [{ at: 0, v: 1 }, { at: 1000, v: 1 }, { at: 9000, v: 1 }, { at: 10_000, v: null }, { at: 11_000, v: 1 }]
  assert.deepEqual(columnsOf(points, ({ v }) => v), [[0, 1000, 1001, 9000, 10_000, 11_000], [1, 1, null, 1, null, 1]])
  assert.deepEqual(columnsOf([], ({ v }) => v), [[], []])
})
