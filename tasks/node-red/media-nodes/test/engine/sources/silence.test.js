'use strict'

/** A sender that is there and gives nothing is told, and one that goes on plays on. */

const assert = require('node:assert/strict')
const { describe, it } = require('node:test')
const { RtmpFeed } = require('../../../engine/sources/feeds/rtmp-feed')
const { SilenceWatch } = require('../../../engine/sources/feeds/silence-watch')
const { FLV_HEADER, flvTag } = require('../../../engine/sources/rtmp/flv')
const { RtmpEntrance } = require('../../../engine/sources/rtmp/rtmp-entrance')
const { FakeClock } = require('../../../test-support/fake-clock')
const { eventually } = require('../../../test-support/eventually')
const { Sender, freeUdpPort, onAir } = require('../../../test-support/live-source')
const { realTime } = require('../../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

/** An address of its own: no other test's connections have its ports. */
const HOST = '127.0.0.97'
const VIDEO = 9
const picture = (first, bytes = 10) => ({ type: VIDEO, timestamp: 0, payload: Buffer.concat([Buffer.from([first, 1]), Buffer.alloc(bytes)]) })
const [KEY, DELTA] = [0x17, 0x27]
/** Hardly less than is kept of a sender. */
const NEARLY_ALL = 15_900_000
const CONFIGURATION = { type: VIDEO, timestamp: 0, payload: Buffer.from([KEY, 0, 1, 2, 3]) }

describe('silence', () => {
  it('is told a step at a time, once, and again after something came', () => {
    const clock = new FakeClock()
    const told = []
    let bytes = 0
    const watch = new SilenceWatch(() => bytes, clock)
    watch.begin([300, () => told.push(`300 at ${clock.now()}`)], [500, () => told.push(`500 at ${clock.now()}`)])
    clock.pass(1000)
    bytes += 1
    clock.pass(400)
    assert.deepEqual(told, ['300 at 300', '500 at 500', '300 at 1400'])
    watch.end()
    assert.equal(clock.waiting, 0)
  })
})

describe('an RTMP publisher', () => {
  function makeFeed () {
    const clock = new FakeClock()
    const told = []
    let to
    const feed = new RtmpFeed({ app: 'a', streamKey: 'k' }, { rtmpServer: { register (place, given) { to = given } } }, clock)
    feed.on('begin', () => told.push('begin')).on('gone', (text) => told.push(text)).on('bytes', (bytes) => told.push(bytes))
    feed.start()
    return { feed, clock, told, to }
  }
  const SILENT = 'nothing came for 1.5 s. See whether the sender sends.'

  it('that freezes is gone after 1.5 s; it goes on with all that a decoder needs', async () => {
    const { feed, clock, told, to } = makeFeed()
    to.begin(() => {})
    for (const message of [CONFIGURATION, picture(KEY), picture(DELTA)]) to.message(message)
    told.length = 0
    clock.pass(100) // the look that sees them
    clock.pass(1499)
    assert.deepEqual(told, [])
    clock.pass(1)
    assert.deepEqual(told, [SILENT])
    to.message(picture(DELTA, 20))
    to.message(picture(DELTA, 30))
    assert.deepEqual(told.slice(1), ['begin', FLV_HEADER, ...[CONFIGURATION, picture(KEY), picture(DELTA), picture(DELTA, 20), picture(DELTA, 30)].map(flvTag)])
    assert.equal(feed.figures.senders, 1)
    await feed.stop()
    assert.equal(clock.waiting, 0)
  })

  it('that stays silent is ended, and that is told once', () => {
    const { clock, told, to } = makeFeed()
    let ends = 0
    to.begin(() => {
      ends += 1
      to.gone()
    })
    to.message(picture(KEY))
    told.length = 0
    clock.pass(9999)
    assert.equal(ends, 0)
    clock.pass(60_000)
    assert.equal(ends, 1)
    assert.deepEqual(told, [SILENT])
    assert.equal(clock.waiting, 0)
  })

  it('who comes after another has room for as much', () => {
    const { feed, to } = makeFeed()
    to.begin(() => {})
    for (let count = 0; count < 4; count++) to.message(picture(DELTA, NEARLY_ALL / 4))
    to.begin(() => {})
    for (let count = 0; count < 3; count++) to.message(picture(DELTA, NEARLY_ALL / 4))
    assert.equal(feed.sinceEntry().length, 1 + 3)
  })

  it('stopped, it is told by name, and plays when it goes on', async () => {
    const ffmpegPath = realFfmpeg()
    const port = await freeUdpPort(HOST)
    const source = { kind: 'rtmp', address: HOST, port, app: 'live', streamKey: 'a-key-of-the-stream' }
    const air = onAir(source, { width: 128, height: 72, frameRate: 25 }, { ffmpegPath, rtmpServer: new RtmpEntrance(realTime) })
    const sender = new Sender(ffmpegPath, { args: ['-f', 'flv', `rtmp://${HOST}:${port}/live/a-key-of-the-stream`] })
    try {
      await eventually('live', () => air.state === 'live').catch(({ message }) => assert.fail(`${message}: ${air.troubles.join()} ${sender.errors}`))
      sender.process.kill('SIGSTOP')
      await eventually('it is told', () => air.source.figures.reason === 'SenderGone', 5)
      assert.ok(air.troubles.includes(`SenderGone: ${SILENT}`), air.troubles.join())
      sender.process.kill('SIGCONT')
      await eventually('live again', () => air.state === 'live' && air.source.figures.ingest === 'arriving', 5)
      assert.equal(air.source.figures.received.senders, 1)
    } finally {
      await sender.end()
      assert.deepEqual(await air.close(), { left: [], inUse: 0 })
    }
  })
})
