'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { Backoff } = require('../lib/backoff')
const { ProgressReader } = require('../lib/progress')
const { scrub } = require('../lib/scrub')
const { Statistics } = require('../lib/statistics')
const { FakeClock } = require('../test-support/fake-clock')

test('progress is read whatever the chunks', () => {
  const text = 'frame=50\nfps=25.00\nbitrate=N/A\ndup_frames=2\ndrop_frames=3\nspeed=1.01x\nprogress=continue\n'
  const reader = new ProgressReader()
  const reports = [...text].flatMap((character) => reader.feed(character))
  assert.deepEqual(reports, [{ frames: 50, droppedFrames: 3, duplicatedFrames: 2, speed: 1.01 }])
})

test('what FFmpeg does not know yet is not a number', () => {
  assert.deepEqual(new ProgressReader().feed('frame=0\nspeed=N/A\nprogress=continue\n')[0].speed, null)
})

test('counts go on over restarts, rates are of the last two seconds', () => {
  const clock = new FakeClock()
  const statistics = new Statistics(clock)
  assert.deepEqual(statistics.figures, { frames: 0, frameRate: null, bitRate: null, droppedFrames: 0, duplicatedFrames: 0, speed: null })
  for (let frame = 0; frame <= 100; frame += 5) {
    statistics.addPicture(20000)
    statistics.addReport({ frames: frame, droppedFrames: 1, duplicatedFrames: 0, speed: 1 })
    clock.pass(200)
  }
  assert.equal(statistics.figures.frameRate, 25)
  assert.equal(statistics.figures.bitRate, 800000)
  statistics.beginRun()
  statistics.addReport({ frames: 7, droppedFrames: 2, duplicatedFrames: 0, speed: null })
  const { frames, droppedFrames, frameRate, speed } = statistics.figures
  assert.deepEqual({ frames, droppedFrames, frameRate, speed }, { frames: 107, droppedFrames: 3, frameRate: null, speed: null })
})

test('the burst at the start is no rate', () => {
  const clock = new FakeClock()
  const statistics = new Statistics(clock)
  const report = (frames) => statistics.addReport({ frames, droppedFrames: 0, duplicatedFrames: 0, speed: null })
  report(0)
  clock.pass(101)
  statistics.addPicture(50_000)
  report(18)
  // 18 frames in 101 ms are 178 a second.
  assert.deepEqual([statistics.figures.frameRate, statistics.figures.bitRate], [null, null])
  clock.pass(898)
  report(40)
  assert.equal(statistics.figures.frameRate, null)
  clock.pass(1)
  report(40)
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
