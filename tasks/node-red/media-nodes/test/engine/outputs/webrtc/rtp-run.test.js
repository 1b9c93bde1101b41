'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { RtpRun, isEntry } = require('../../../../engine/outputs/webrtc/rtp-run')
const { FakeClock } = require('../../../../test-support/fake-clock')

/** RFC 3550, 5.1: version 2, a payload type, a number, a timestamp, a source, then the payload. */
function packetOf (sequence, timestamp, payload = [0x41]) {
  const packet = Buffer.alloc(12 + payload.length)
  packet.writeUInt8(0x80, 0)
  packet.writeUInt16BE(sequence, 2)
  packet.writeUInt32BE(timestamp, 4)
  packet.set(payload, 12)
  return packet
}
const read = (packet) => [packet.readUInt16BE(2), packet.readUInt32BE(4)]

test('one sender\'s packets stay as they are', () => {
  const run = new RtpRun(90_000, () => 0)
  run.begin()
  for (const [sequence, timestamp] of [[65_535, 0xffffffff], [0, 3599], [1, 3599]]) {
    const packet = packetOf(sequence, timestamp)
    assert.ok(run.follow(packet).equals(packet))
  }
})

test('the next sender\'s go on from the last one\'s, by the time that has passed', () => {
  const clock = new FakeClock()
  const run = new RtpRun(90_000, () => clock.now())
  run.follow(packetOf(65_534, 0xfffffff0))
  clock.pass(500)
  run.begin()
  assert.deepEqual(read(run.follow(packetOf(17, 1_000_000))), [65_535, (0xfffffff0 + 45_000) % 2 ** 32])
  assert.deepEqual(read(run.follow(packetOf(18, 1_003_600))), [0, (0xfffffff0 + 48_600) % 2 ** 32])
  run.begin()
  const [sequence, timestamp] = read(run.follow(packetOf(400, 7)))
  assert.deepEqual([sequence, timestamp], [1, (0xfffffff0 + 48_601) % 2 ** 32], 'time goes on, if nothing has passed')
})

test('what is given stays as it was', () => {
  const run = new RtpRun(48_000, () => 0)
  run.follow(packetOf(5, 5))
  run.begin()
  const packet = packetOf(900, 900)
  run.follow(packet)
  assert.deepEqual(read(packet), [900, 900])
})

/** RFC 6184, 5.4 to 5.8. */
const UNITS = {
  'a parameter set': [[0x67, 0x42], true],
  'several units, of which the first is a parameter set': [[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68], true],
  'several others': [[0x78, 0, 2, 0x41, 0x42], false],
  'a piece of a picture': [[0x7c, 0x85], false],
  'a picture': [[0x41], false]
}
for (const [name, [payload, expected]] of Object.entries(UNITS)) {
  test(`${name}: a decoder can${expected ? '' : 'not'} begin with it`, () => assert.equal(isEntry(packetOf(1, 1, payload)), expected))
}
