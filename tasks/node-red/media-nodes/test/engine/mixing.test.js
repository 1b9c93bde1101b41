'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { FrameRate } = require('../../engine/clock/frame-rate')
const { Buses } = require('../../engine/mixing/buses')
const { FadeSchedule } = require('../../engine/mixing/fade-schedule')
const { mix, wipe } = require('../../engine/pictures/blend')
const { PictureFormat } = require('../../engine/pictures/picture-format')
const { PicturePool } = require('../../engine/pictures/picture-pool')

const format = new PictureFormat({ width: 16, height: 8, frameRate: 25 })
const pool = new PicturePool(format.pictureBytes)

function picture (...colour) {
  const taken = pool.take()
  format.fill(taken.bytes, colour.length > 0 ? colour : undefined)
  return taken
}

const positions = (buses, frames) => Array.from({ length: frames }, () => Math.round(buses.tick().position * 1000) / 1000)

test('each byte of a mix is the weighted sum, rounded', () => {
  const [from, to, into] = [pool.take(), pool.take(), pool.take()]
  for (let at = 0; at < format.pictureBytes; at++) {
    from.bytes[at] = at * 7
    to.bytes[at] = 255 - at * 3
  }
  for (const position of [0, 1 / 256, 0.25, 0.5, 0.77, 1]) {
    mix(from.words, to.words, position, into.words)
    const weight = Math.round(position * 256)
    for (let at = 0; at < format.pictureBytes; at++) {
      assert.equal(into.bytes[at], (from.bytes[at] * (256 - weight) + to.bytes[at] * weight + 128) >> 8)
    }
  }
})

test('a mix of 25 frames has 25 levels, none twice', () => {
  const [from, to, into] = [picture(16, 128, 128), picture(235, 128, 128), pool.take()]
  const levels = Array.from({ length: 25 }, (_, step) => {
    mix(from.words, to.words, (step + 1) / 25, into.words)
    return into.bytes[0]
  })
  assert.equal(new Set(levels).size, 25)
  assert.equal(levels.at(-1), 235)
})

test('a wipe moves its edge in its direction, on all planes alike', () => {
  const [from, to, into] = [picture(16, 1, 2), picture(235, 3, 4), pool.take()]
  const newOnes = { right: (x) => x < 8, left: (x) => x >= 8, down: (_, y) => y < 4, up: (_, y) => y >= 4 }
  for (const [direction, isNew] of Object.entries(newOnes)) {
    wipe(from.bytes, to.bytes, 0.5, direction, into.bytes, format)
    format.planes.forEach(([start, width, height], plane) => {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const expected = (isNew(x * 16 / width, y * 8 / height) ? to : from).bytes[start]
          assert.equal(into.bytes[start + y * width + x], expected, `${direction}, plane ${plane}, ${x},${y}`)
        }
      }
    })
  }
})

test('a picture goes back when its last holder lets go, and never twice', () => {
  const own = new PicturePool(64)
  const taken = own.take().hold()
  taken.release()
  assert.equal(own.inUse, 1)
  taken.release()
  assert.equal(own.inUse, 0)
  assert.equal(own.take(), taken)
  taken.release()
  assert.throws(() => taken.release(), /more often than held/)
})

test('a mix takes its frames, each step on its own, and programme and preview change places', () => {
  const buses = new Buses('one', 'two')
  buses.auto({ kind: 'mix', frames: 5 })
  assert.deepEqual(positions(buses, 6), [0.2, 0.4, 0.6, 0.8, 1, 0])
  assert.deepEqual([buses.programme, buses.preview, buses.transition], ['two', 'one', null])
})

test('the last frame of a transition shows the new source alone, before the buses change', () => {
  const buses = new Buses('one', 'two')
  buses.auto({ kind: 'wipe', direction: 'left', frames: 2 })
  buses.tick()
  const { programme, preview, position, kind, direction } = buses.tick()
  assert.deepEqual({ programme, preview, position, kind, direction }, { programme: 'one', preview: 'two', position: 1, kind: 'wipe', direction: 'left' })
})

test('a T-bar is taken over from where it stands, and may go back', () => {
  const buses = new Buses('one', 'two')
  buses.moveTo({ position: 0.5, frames: 1 })
  assert.deepEqual(positions(buses, 2), [0.5, 0.5])
  buses.auto({ kind: 'mix', frames: 2 })
  assert.deepEqual(positions(buses, 2), [0.75, 1])
  buses.moveTo({ position: 0.4, frames: 2 })
  assert.deepEqual(positions(buses, 2), [0.2, 0.4])
  buses.moveTo({ position: 0, frames: 2 })
  assert.deepEqual(positions(buses, 2), [0.2, 0])
  assert.deepEqual([buses.programme, buses.transition], ['two', null])
})

test('a cut is whole at once, also in the middle of a mix; cutting to what is on programme changes nothing', () => {
  const buses = new Buses('one', 'two')
  buses.auto({ kind: 'mix', frames: 10 })
  positions(buses, 3)
  buses.cutTo('three')
  assert.deepEqual([buses.programme, buses.preview, buses.tick().position], ['three', 'one', 0])
  buses.cutTo('three')
  assert.deepEqual([buses.programme, buses.preview], ['three', 'one'])
})

test('the fader of the document is seen alone at 1, source 2 at 0, and is named where another source is on a bus', () => {
  const buses = new Buses('one', 'two')
  assert.equal(buses.faderBetween('one', 'two'), 1)
  assert.ok(buses.moveFader('one', 'two', { fader: 0, frames: 2 }))
  assert.deepEqual(positions(buses, 2), [0.5, 1])
  assert.equal(buses.faderBetween('one', 'two'), 0)
  assert.ok(buses.moveFader('one', 'two', { fader: 0.25, frames: 1 }))
  buses.tick()
  assert.equal(buses.faderBetween('one', 'two'), 0.25)
  buses.cutTo('three')
  assert.equal(buses.faderBetween('one', 'two'), null)
  assert.ok(!buses.moveFader('one', 'two', { fader: 1, frames: 1 }))
})

test('fade to black goes and comes over its frames, over whatever is on programme', () => {
  const buses = new Buses('one', 'two')
  buses.fadeToBlack({ isBlack: true, frames: 4 })
  assert.deepEqual(Array.from({ length: 5 }, () => buses.tick().black), [0.25, 0.5, 0.75, 1, 1])
  buses.cut()
  buses.fadeToBlack({ isBlack: false, frames: 2 })
  assert.deepEqual(Array.from({ length: 3 }, () => buses.tick().black), [0.5, 0, 0])
})

test('a fade to black has as many steps as it was given frames, whatever they are', () => {
  for (const frames of [1, 3, 10, 25, 49]) {
    const buses = new Buses('one', 'two')
    buses.fadeToBlack({ isBlack: true, frames })
    const steps = Array.from({ length: frames + 1 }, () => buses.tick().black)
    assert.equal(new Set(steps).size, frames)
    assert.deepEqual([steps[frames - 2] === 1, steps[frames - 1]], [false, 1])
  }
})

test('the state of the buses can be kept and set again in the middle of a mix', () => {
  const buses = new Buses('one', 'two')
  buses.auto({ kind: 'mix', frames: 4 })
  buses.tick()
  const other = new Buses('x', 'y')
  other.state = JSON.parse(JSON.stringify(buses.state))
  assert.deepEqual(positions(other, 3), positions(buses, 3))
  assert.equal(other.programme, 'two')
})

test('the document\'s moves are made on their frame after going on air, once, and those long over never', () => {
  const moves = []
  const fades = [{ atSeconds: 2, fader: 1, seconds: 0 }, { atSeconds: 1, fader: 0, seconds: 0.5 }]
  const schedule = new FadeSchedule(fades, new FrameRate(25), (fade) => moves.push(fade.fader) && fade.fader === 0)
  const seen = []
  for (let number = 100; number < 200; number++) {
    schedule.tick(number, number >= 110)
    seen.push(moves.length)
  }
  assert.equal(schedule.onAirAt, 110)
  assert.deepEqual([seen.indexOf(1) + 100, seen.indexOf(2) + 100], [135, 160])
  assert.deepEqual(moves, [0, 1])
  assert.equal(schedule.skipped, 1)

  const late = new FadeSchedule(fades, new FrameRate(25), () => assert.fail('that was long ago'))
  late.onAirAt = 110
  late.tick(500, true)
})
