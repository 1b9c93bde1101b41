'use strict'

/** What a mixer machine sends before its programme is there is not shown on the encoder machine. */

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { FrameRate } = require('../../../engine/clock/frame-rate')
const { LinkGate } = require('../../../engine/link/link-gate')
const { stamped } = require('../../../engine/link/time-stamp')
const { PicturePool } = require('../../../engine/pictures/picture-pool')
const { sine, stereo } = require('../../../test-support/sounds')

const RATE = new FrameRate(25)
const SOUND = stereo(0.04, sine(440, 0.5))
const silence = new Float32Array(SOUND.length)
const STAMPED = stamped(SOUND, 5000)

/** A gate, and what it makes of ticks. */
class Receiver {
  pool = new PicturePool(4)
  gate = new LinkGate(RATE)
  samples = null

  /** A new picture with such sound comes; whether it is shown. */
  shows (sound) {
    const picture = this.pool.take()
    this.samples = sound.slice()
    const given = this.gate.pass({ picture, isFresh: true }, this.samples)
    const isShown = given.picture === picture
    assert.equal(given.isFresh, isShown)
    picture.release()
    return isShown
  }
}

test('pictures are shown, and heard, from the first stamped one on; one stamp that is lost later hides nothing', () => {
  const receiver = new Receiver()
  assert.deepEqual([SOUND, SOUND, STAMPED, SOUND].map((sound) => receiver.shows(sound)), [false, false, true, true])
  assert.deepEqual(receiver.samples, SOUND)
})

test('after a sender is gone the last picture stays, silent, until the next one\'s programme comes', () => {
  const receiver = new Receiver()
  receiver.shows(STAMPED)
  receiver.gate.close()
  assert.equal(receiver.shows(SOUND), false)
  assert.deepEqual(receiver.samples, silence)
  assert.equal(receiver.pool.inUse, 1)
  assert.equal(receiver.shows(STAMPED), true)
  receiver.gate.end()
  assert.equal(receiver.pool.inUse, 0)
})

test('a sender whose stamps are never found is shown after 2 s of its pictures', () => {
  const receiver = new Receiver()
  const shown = Array.from({ length: 60 }, () => receiver.shows(SOUND))
  assert.equal(shown.indexOf(true), 49)
  assert.ok(shown.slice(49).every((isShown) => isShown))
})

test('while nothing new comes, nothing counts towards that', () => {
  const receiver = new Receiver()
  for (let tick = 0; tick < 100; tick++) receiver.gate.pass({ picture: null, isFresh: false }, SOUND.slice())
  assert.equal(receiver.shows(SOUND), false)
})
