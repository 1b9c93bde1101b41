'use strict'

const assert = require('node:assert/strict')
const { once } = require('node:events')
const net = require('node:net')
const { it, describe } = require('node:test')
const { decodeAmf, encodeAmf } = require('../../../engine/sources/rtmp/amf0')
const { ChunkReader, encodeMessage, TYPE, WrongRtmp } = require('../../../engine/sources/rtmp/chunk-stream')
const { RtmpServer } = require('../../../engine/sources/rtmp/rtmp-server')
const { FakeClock } = require('../../../test-support/fake-clock')
const { eventually } = require('../../../test-support/eventually')

function read (bytes, { most = 100_000, pieces = bytes.length } = {}) {
  const messages = []
  const reader = new ChunkReader((message) => messages.push({ ...message, payload: Buffer.from(message.payload) }), most)
  for (let at = 0; at < bytes.length; at += pieces) reader.feed(bytes.subarray(at, at + pieces))
  return messages
}

/** A chunk with the header of a form: 0 all of it, 1 without the stream, 2 the time alone, 3 none. */
function chunk (form, { id = 4, time = 0, length = 0, type = TYPE.video, extended = null }, payload) {
  const whole = Buffer.alloc(12)
  whole[0] = form << 6 | id
  whole.writeUIntBE(extended === null ? time : 0xffffff, 1, 3)
  whole.writeUIntBE(length, 4, 3)
  whole[7] = type
  const more = extended === null ? [] : [Buffer.from([extended >>> 24, extended >>> 16 & 255, extended >>> 8 & 255, extended & 255])]
  return Buffer.concat([whole.subarray(0, 1 + [11, 7, 3, 0][form]), ...more, payload])
}
const filled = (count, value) => Buffer.alloc(count, value)

describe('chunks', () => {
  it('a message in several, whatever pieces they come in', () => {
    const payload = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251))
    const bytes = encodeMessage({ type: TYPE.data, payload, streamId: 1, chunkStream: 6 })
    for (const pieces of [1, 2, 3, 127, 128, 129, 5000]) {
      const [message, ...none] = read(Buffer.concat([bytes, bytes]), { pieces })
      assert.equal(none.length, 1)
      assert.deepEqual({ ...message }, { type: TYPE.data, streamId: 1, timestamp: 0, payload })
    }
  })

  it('two messages by turns, and times by differences', () => {
    const messages = read(Buffer.concat([
      chunk(0, { time: 40, length: 200 }, filled(128, 1)), chunk(0, { id: 5, time: 45, length: 3, type: TYPE.audio }, filled(3, 2)), chunk(3, {}, filled(72, 1)),
      chunk(1, { time: 20, length: 2 }, filled(2, 3)), chunk(2, { time: 30 }, filled(2, 4)), chunk(3, {}, filled(2, 5)), chunk(3, { id: 5 }, filled(3, 6))
    ]))
    assert.deepEqual(messages.map(({ type, timestamp, payload }) => [type, timestamp, payload.length, payload[0]]), [
      [TYPE.audio, 45, 3, 2], [TYPE.video, 40, 200, 1], [TYPE.video, 60, 2, 3], [TYPE.video, 90, 2, 4], [TYPE.video, 120, 2, 5], [TYPE.audio, 90, 3, 6]
    ])
  })

  it('times of more than 4.6 hours, which each chunk repeats', () => {
    const [message] = read(Buffer.concat([chunk(0, { extended: 20_000_000, length: 130 }, filled(128, 1)), Buffer.from([0xc4, 1, 0x31, 0x2d, 0]), filled(2, 1)]))
    assert.equal(message.timestamp, 20_000_000)
    assert.ok(message.payload.every((byte) => byte === 1))
  })

  it('another size of chunks', () => {
    const size = Buffer.from([0, 0, 0x10, 0])
    const messages = read(Buffer.concat([chunk(0, { id: 2, length: 4, type: TYPE.setChunkSize }, size), chunk(0, { length: 4000 }, filled(4000, 7))]))
    assert.deepEqual(messages.map(({ payload }) => payload.length), [4000])
  })

  it('refuses what is too long, what goes on with nothing, and chunks of no bytes', () => {
    assert.throws(() => read(chunk(0, { length: 2000 }, filled(128, 0)), { most: 1000 }), WrongRtmp)
    assert.throws(() => read(chunk(3, {}, filled(128, 0))), WrongRtmp)
    assert.throws(() => read(chunk(0, { id: 2, length: 4, type: TYPE.setChunkSize }, filled(4, 0))), WrongRtmp)
    assert.throws(() => read(Buffer.concat(Array.from({ length: 60 }, (_, id) => chunk(0, { id: id + 3, length: 1 }, filled(1, 0))).concat(
      Array.from({ length: 10 }, (_, id) => Buffer.concat([Buffer.from([0, id]), chunk(0, { length: 1 }, filled(1, 0)).subarray(1)]))))), WrongRtmp)
  })
})

describe('AMF0', () => {
  it('comes back as it was', () => {
    const values = ['connect', 1, { app: 'live', isTrue: true, nothing: null, number: -1.5 }, null, 'ü']
    assert.deepEqual(JSON.parse(JSON.stringify(decodeAmf(encodeAmf(...values)))), values)
  })

  it('no name reaches a prototype', () => {
    const [object] = decodeAmf(encodeAmf({ ['__proto__']: 'x', a: 1 }))
    assert.equal(Object.getPrototypeOf(object), null)
    assert.equal({}.x, undefined)
  })

  it('what is cut short or too deep is refused', () => {
    const whole = encodeAmf({ app: 'live' })
    for (let length = 1; length < whole.length; length++) assert.throws(() => decodeAmf(whole.subarray(0, length)))
    assert.throws(() => decodeAmf(Buffer.concat(Array(100).fill(Buffer.from([3, 0, 1, 97])))))
    assert.throws(() => decodeAmf(Buffer.from([10, 255, 255, 255, 255])))
  })
})

describe('the RTMP server', () => {
  async function withServer (use) {
    const clock = new FakeClock()
    const server = new RtmpServer(clock)
    await server.listen(0, '127.0.0.1')
    const sockets = []
    try {
      await use({
        server,
        clock,
        async connect () {
          const socket = net.connect(server.port, '127.0.0.1').on('error', () => {})
          sockets.push(socket)
          await once(socket, 'connect')
          return socket
        }
      })
    } finally {
      for (const socket of sockets) socket.destroy()
      await server.close()
    }
  }

  it('ends a connection that publishes nothing within 5 s, and one that speaks something else', () => withServer(async ({ clock, connect }) => {
    const silent = await connect()
    const web = await connect()
    web.write(`GET / HTTP/1.1\r\nHost: x\r\n${'x'.repeat(3000)}\r\n\r\n`)
    await Promise.all([once(web.resume(), 'close')])
    await eventually('a timer', () => clock.waiting > 0)
    clock.pass(4999)
    assert.equal(silent.destroyed, false)
    clock.pass(1)
    await once(silent.resume(), 'close')
  }))

  it('takes 32 connections at a time', () => withServer(async ({ clock, connect }) => {
    for (let count = 0; count < 32; count++) await connect()
    await eventually('all are there', () => clock.waiting === 32)
    const more = await connect()
    await once(more.resume(), 'close')
  }))

  it('survives any bytes', () => withServer(async ({ connect }) => {
    // A generator with a seed: the same bytes each time.
    let seed = 1
    const next = () => (seed = Math.imul(seed, 1664525) + 1013904223) >>> 24
    for (let round = 0; round < 20; round++) {
      const socket = await connect()
      const bytes = Buffer.from(Array.from({ length: 6000 }, next))
      bytes[0] = 3
      socket.end(bytes)
      await once(socket.resume(), 'close')
    }
  }))
})
