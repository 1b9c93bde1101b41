'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { afterEach, beforeEach, test } = require('node:test')
const { Playlist } = require('../../engine/outputs/packaging/playlist')
const { WatchState } = require('../../lib/http/watch-state')
const { FakeClock } = require('../../test-support/fake-clock')

const BEGAN = Date.UTC(2026, 10, 26, 8)
const OUTPUTS = [{ type: 'media-hls-out' }, { type: 'media-file-out', fileName: 'a show.mp4' }]
const ENCODERS = [{ codec: 'hevc', outputs: [] }, { codec: 'h264', outputs: OUTPUTS }]

let mediaDir, clock, runner, watchState
beforeEach(() => {
  mediaDir = fs.mkdtempSync(path.join(os.tmpdir(), 'state-'))
  fs.mkdirSync(path.join(mediaDir, 'hls'))
  clock = new FakeClock()
  clock.pass(BEGAN)
  runner = { state: 'running', chain: { mixer: null, encoders: ENCODERS }, engine: { programme: undefined, sources: { link: { state: 'live' } } } }
  watchState = new WatchState(mediaDir, () => runner, clock)
})
afterEach(() => fs.rmSync(mediaDir, { recursive: true }))

function put ({ isEnded }) {
  const playlist = new Playlist(2, 1)
  playlist.add({ seconds: 2, at: BEGAN, init: 1, isDiscontinuous: false })
  playlist.add({ seconds: 1.5, at: BEGAN + 2000, init: 1, isDiscontinuous: false })
  playlist.isEnded = isEnded
  fs.writeFileSync(path.join(mediaDir, 'hls', 'live.m3u8'), String(playlist))
}
const look = async () => {
  const { state, since } = await watchState.look()
  return [state, (Date.parse(since) - BEGAN) / 1000]
}

test('from the first segment to the end: what is seen, and since when', async () => {
  assert.deepEqual(await look(), ['waiting', 0])
  put({ isEnded: false })
  clock.pass(4000)
  assert.deepEqual(await look(), ['live', 4])
  clock.pass(1000)
  assert.deepEqual(await look(), ['live', 4])
  runner.engine.sources.link.state = 'hold'
  runner.state = 'waiting'
  assert.deepEqual(await look(), ['live', 4], 'a picture that is held for a moment is no fault yet')
  for (const state of ['black', 'slate']) {
    runner.engine.sources.link.state = state
    assert.deepEqual(await look(), ['slate', 5])
  }
  put({ isEnded: true })
  const told = await watchState.look()
  assert.deepEqual([told.state, told.since, told.endedAt], ['ended', '2026-11-26T08:00:03.500Z', '2026-11-26T08:00:03.500Z'])
})

test('with a mixer, the source on programme is what counts', async () => {
  put({ isEnded: false })
  runner.chain.mixer = {}
  runner.engine = { programme: 'two', sources: { one: { state: 'live' }, two: { state: 'slate' } } }
  assert.equal((await watchState.look()).state, 'slate')
  runner.engine.programme = 'one'
  assert.equal((await watchState.look()).state, 'live')
})

test('without an engine, and with pictures that have stopped, it waits', async () => {
  put({ isEnded: false })
  runner.state = 'waiting'
  assert.equal((await watchState.look()).state, 'waiting')
  runner = null
  const { state, codec, recording } = await watchState.look()
  assert.deepEqual({ state, codec, recording }, { state: 'waiting', codec: null, recording: null })
})

test('the newest recording is offered once the show is over, and nothing else is', async () => {
  const files = ['a show.mp4', 'a show-2.mp4', 'a show-3.mp4.part', 'a show-x.mp4', 'another show.mp4', 'b-a show-9.mp4']
  files.forEach((name, at) => {
    fs.writeFileSync(path.join(mediaDir, name), '')
    fs.utimesSync(path.join(mediaDir, name), 1000 + at, 1000 + at)
  })
  put({ isEnded: false })
  assert.deepEqual([await watchState.recording(), (await watchState.look()).recording, (await watchState.look()).codec], [null, null, 'h264'])
  put({ isEnded: true })
  assert.equal((await watchState.look()).recording, '/recording/a%20show-2.mp4')
  assert.equal((await watchState.recording()).file, path.join(mediaDir, 'a show-2.mp4'))
})

test('with renditions the page plays the master playlist, and H.264 is the least that a browser needs', async () => {
  runner.chain.encoders = [{ codec: 'hevc', renditions: [{ height: 360, bitRate: 1_000_000 }], outputs: OUTPUTS }]
  const { codec, playlist } = await watchState.look()
  assert.deepEqual([codec, playlist], ['h264', 'hls/index.m3u8'])
  runner.chain.encoders = [{ codec: 'hevc', renditions: [], outputs: OUTPUTS }]
  assert.deepEqual(await watchState.look().then((told) => [told.codec, told.playlist]), ['hevc', 'hls/live.m3u8'])
})
