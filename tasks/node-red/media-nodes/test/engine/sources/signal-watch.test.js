'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { SignalWatch } = require('../../../engine/sources/signal-watch')

const format = new PictureFormat({ width: 64, height: 32, frameRate: 25 })
const LOUD = new Float32Array(3840).fill(0.1)
const QUIET = new Float32Array(3840).fill(0.0005)

/** Look at `ticks` pictures; gives what is found at each. */
function looked (asked, { ticks, picture, samples = LOUD }) {
  const watch = new SignalWatch(asked, format)
  return Array.from({ length: ticks }, (_, tick) => {
    const bytes = Buffer.alloc(format.pictureBytes, 128)
    picture(bytes, tick)
    return watch.look(new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2), samples)
  })
}
const still = () => {}
const moving = (bytes, tick) => bytes.fill(tick % 200, 0, format.lumaBytes)

test('what is frozen, black or silent for two seconds is found, and not before', () => {
  const black = (bytes, tick) => bytes.fill(16 + tick % 3, 0, format.lumaBytes)
  assert.deepEqual(looked(['frozen'], { ticks: 60, picture: still }).indexOf('frozen'), 50)
  assert.deepEqual(looked(['black'], { ticks: 60, picture: black }).indexOf('black'), 49)
  assert.deepEqual(looked(['silence'], { ticks: 60, picture: moving, samples: QUIET }).indexOf('silence'), 49)
})

test('only what is asked for is found', () => {
  for (const asked of [[], ['black', 'silence']]) {
    assert.ok(looked(asked, { ticks: 200, picture: still }).every((found) => found === null))
  }
})

test('moving pictures are not frozen, even if little of them moves; a bright spot is not black', () => {
  const clock = (bytes, tick) => bytes.fill(tick % 10 * 20, 200, 260)
  assert.ok(looked(['frozen', 'black'], { ticks: 200, picture: moving }).slice(30).every((found) => found === null))
  assert.ok(looked(['frozen'], { ticks: 200, picture: clock }).every((found) => found === null))
  const star = (bytes) => bytes.fill(16, 0, format.lumaBytes).fill(235, 1000, 1008)
  assert.ok(looked(['black'], { ticks: 200, picture: star }).every((found) => found === null))
})

test('it is over with the first picture that is right', () => {
  const thaws = (bytes, tick) => { if (tick >= 100) moving(bytes, tick) }
  const found = looked(['frozen'], { ticks: 110, picture: thaws })
  assert.deepEqual([found[99], found[100]], ['frozen', null])
})
