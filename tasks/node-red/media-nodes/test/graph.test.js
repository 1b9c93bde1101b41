'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { findChains } = require('../lib/graph')
const { encode, encoder, fileOut, hlsOut, linkIn, linkOut, mix, mixer, source } = require('../test-support/parts')

const faultsOf = (parts) => findChains(parts).flatMap(({ faults }) => faults.map(({ name, message }) => `${name}: ${message}`))

test('the two flows are two chains without faults, named after mixer and encoder', () => {
  const chains = findChains([...mix(), ...encode()])
  assert.deepEqual(chains.map(({ name, faults }) => [name, faults]), [['mixer', []], ['encoder', []]])
  assert.deepEqual(chains[0].sources.map(({ id }) => id), ['source-1', 'source-2'])
  assert.deepEqual(chains[1].encoders[0].outputs.map(({ id }) => id), ['hls-out', 'file-out'])
})

test('sources are in the order of their buses, whatever the order in the flow', () => {
  const [first, second, ...rest] = mix()
  assert.deepEqual(findChains([second, ...rest, first])[0].sources.map(({ bus }) => bus), [1, 2])
})

test('wires to nodes that are no media nodes do not matter', () => {
  const parts = mix()
  parts[2].wires = ['a-debug-node', 'link-out']
  assert.deepEqual(faultsOf(parts), [])
})

test('one machine alone: a source, an encoder and a file are a chain', () => {
  const parts = [source('s', { wires: [['encoder']] }), encoder({ wires: [['file-out']] }), fileOut()]
  assert.deepEqual(faultsOf(parts), [])
})

test('an encoder beside the mixer is its source\'s own, and for recordings alone', () => {
  const beside = [
    source('a', { wires: [['mixer', 'beside']] }), source('b', { bus: 2 }), mixer({ wires: [['encoder']] }), encoder({ wires: [['hls-out', 'file-out']] }), hlsOut(), fileOut(),
    encoder({ id: 'beside', name: 'beside', wires: [['own']] }), fileOut({ id: 'own', name: 'own', fileName: 'a.mp4' })
  ]
  const [chain, ...others] = findChains(beside)
  assert.deepEqual([others, chain.faults], [[], []])
  assert.deepEqual(chain.encoders.map(({ id, outputs }) => [id, outputs.length]), [['encoder', 2]])
  assert.deepEqual(chain.sourceEncoders.map(({ id, source: { id: of }, outputs }) => [id, of, outputs[0].id]), [['beside', 'a', 'own']])
  beside[6] = encoder({ id: 'beside', name: 'beside', wires: [['own', 'hls-out']] })
  assert.deepEqual(faultsOf(beside).filter((fault) => /beside the mixer/.test(fault)), [
    'WrongWire: hls-out cannot be wired to beside: that encodes a beside the mixer, for recordings alone'
  ])
})

test('no source', () => {
  assert.deepEqual(faultsOf([mixer(), linkOut()]), ['NoSource: mixer gets no pictures: wire a source to it'])
})

test('no output', () => {
  assert.deepEqual(faultsOf([linkIn(), encoder({ wires: [] })]), ['NoOutput: encoder gives its pictures to nobody: wire it to an output'])
})

test('a circle', () => {
  const parts = [mixer({ wires: [['encoder']] }), encoder({ wires: [['mixer']] })]
  assert.equal(faultsOf(parts)[0], 'Cycle: mixer → encoder go round in a circle: take one wire away')
})

test('two sources on one bus', () => {
  const parts = [source('a'), source('b'), mixer(), linkOut()]
  assert.deepEqual(faultsOf(parts), ['BusConflict: a and b are both on bus 1 of mixer: give each source its own bus'])
})

test('buses are 1 to 8', () => {
  assert.deepEqual(faultsOf([source('a'), source('c', { bus: 8 }), mixer(), linkOut()]), [])
  const parts = [source('a'), source('c', { bus: 9 }), mixer(), linkOut()]
  assert.match(faultsOf(parts)[0], /WrongValue: c: bus must be a whole number from 1 to 8, not 9/)
})

test('key frames that do not divide a segment are named with the numbers', () => {
  const parts = [linkIn(), encoder({ gopFrames: 40, wires: [['hls-out']] }), hlsOut()]
  assert.deepEqual(faultsOf(parts), [
    'WrongValue: encoder: gopFrames must divide the 50 frames of a segment of hls-out (2 s at 25 frames/s), not 40'
  ])
  assert.deepEqual(faultsOf([linkIn(), encoder({ gopFrames: 40, wires: [['file-out']] }), fileOut()]), [], 'a recording has no segments')
})

test('pictures from two sides', () => {
  const parts = [source('a', { wires: [['encoder']] }), linkIn(), encoder({ wires: [['hls-out']] }), hlsOut()]
  assert.deepEqual(faultsOf(parts), [
    'WrongWire: encoder gets pictures from a and link-in: it takes one, use a mixer',
    'WrongWire: a and link-in are in one chain: pictures may come from one of them only'
  ])
})

test('a wire that leads nowhere sensible', () => {
  const parts = [source('a', { wires: [['hls-out']] }), hlsOut()]
  assert.match(faultsOf(parts)[0], /WrongWire: a cannot be wired to hls-out/)
})

test('faults of a part are faults of its chain', () => {
  const parts = mix()
  parts[3] = linkOut({ port: 0 })
  assert.match(faultsOf(parts)[0], /WrongValue: link-out: port must be/)
})
