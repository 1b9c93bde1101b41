'use strict'

/** 29.97 means 30000/1001 all the way: numbered pictures and their sound through both machines' engines into recordings and segments. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { defineChain } = require('../../../lib/chain-definition')
const { findChains } = require('../../../lib/graph')
const { eventually } = require('../../../test-support/eventually')
const { KeptEngines } = require('../../../test-support/kept-engines')
const { freeUdpPort } = require('../../../test-support/live-source')
const { gapsOf, makeNumbered, programmeNumbers, readRecording } = require('../../../test-support/measuring/recordings')
const parts = require('../../../test-support/parts')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { sine, stereo } = require('../../../test-support/sounds')

const ffmpegPath = process.env.FFMPEG_PATH = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rates-'))
const engines = new KeptEngines()
const production = { width: 320, height: 180, frameRate: 29.97 }
const format = new PictureFormat(production)
const FRAME_SECONDS = 1001 / 30000
/** A time in a transport stream is rounded to 1/90000 s. */
const ROUNDING = 1.5 / 90000
const AAC_FRAME_SECONDS = 1024 / 48_000
const [SOURCE_SECONDS, RUN_FRAMES] = [40, 240]

const state = (key) => engines.command(key, { command: 'state' })
/** The parts of a flow whose media-format is another. */
const inFormat = (flow, format) => flow.map((part) => part.format ? { ...part, format } : part)
const folderOf = (key) => path.join(folder, key)

before(async () => {
  const location = path.join(folder, 'numbered.mov')
  await makeNumbered(ffmpegPath, format, { file: location, row: 'one', frames: SOURCE_SECONDS * 30, sound: stereo(SOURCE_SECONDS * 1.001, sine(440, 0.3)) })
  const port = await freeUdpPort('127.0.0.1')
  const flows = {
    mixer: [
      parts.source('one', { kind: 'file', location, looped: false, wires: [['encoder', 'link-out']] }), parts.linkOut({ port, bitRate: 4_000_000 }),
      parts.encoder({ gopFrames: 15, preset: 'ultrafast', wires: [['file-out']] }), parts.fileOut()
    ],
    encoder: [
      parts.linkIn({ port, address: '127.0.0.1' }), parts.encoder({ gopFrames: 15, preset: 'ultrafast', wires: [['hls-out', 'file-out']] }),
      parts.hlsOut({ segmentSeconds: 1 }), parts.fileOut()
    ]
  }
  for (const [key, flow] of Object.entries(flows)) {
    fs.mkdirSync(folderOf(key))
    const [chain] = findChains(inFormat(flow, production))
    assert.deepEqual(chain.faults, [])
    await engines.start(key, defineChain(chain, { host: '127.0.0.1', mediaDir: folderOf(key) }))
  }
  await eventually('the encoder machine has the mixer machine\'s pictures', async () => (await state('encoder').catch(() => null))?.sources['link-in'].state === 'live', 20)
  const { frames } = await state('encoder')
  await eventually(`${RUN_FRAMES} frames`, async () => (await state('encoder')).frames >= frames + RUN_FRAMES, 40)
})
after(async () => {
  await engines.end()
  fs.rmSync(folder, { recursive: true })
})

test('the counter is complete, and each picture lasts 1001/30000 s, in both recordings', async () => {
  const settled = await state('encoder')
  for (const key of ['encoder', 'mixer']) {
    const { missedFrames, encoders } = await state(key)
    await engines.stop(key)
    const { pictures, sound } = readRecording(ffmpegPath, path.join(folderOf(key), 'encoder.mp4'))
    const numbers = programmeNumbers(pictures, format)
    const first = numbers.findIndex((number) => number !== null)
    const last = numbers.findLastIndex((number) => number !== null)
    assert.ok(last - first >= RUN_FRAMES - 1, `${key}: ${numbers.length} pictures, numbers from ${first} to ${last}`)
    assert.deepEqual([missedFrames, ...encoders.map(({ droppedFrames }) => droppedFrames)].filter((count) => count > 0), [], key)
    const { skippedFrames, repeatedFrames } = key === 'mixer' ? { skippedFrames: 0, repeatedFrames: 0 } : settled.sources['link-in']
    const { missing, twice } = gapsOf(numbers.slice(first, last + 1))
    // The encoder machine's clock is another: its synchroniser may have put right how many pictures wait.
    assert.ok(missing <= skippedFrames && twice <= repeatedFrames, `${key}: ${missing} missing, ${twice} twice`)
    pictures.forEach(({ seconds }, at) => {
      const due = pictures[0].seconds + at * FRAME_SECONDS
      assert.ok(Math.abs(seconds - due) <= ROUNDING, `${key}: picture ${at} at ${seconds} s, due at ${due} s`)
    })
    const longer = sound.length / 2 / 48_000 - (pictures.at(-1).seconds + FRAME_SECONDS)
    assert.ok(Math.abs(longer) <= 2 * AAC_FRAME_SECONDS, `${key}: the sound is ${longer} s longer`)
  }
})

test('every segment lasts as long as its thirty pictures', () => {
  const playlist = fs.readFileSync(path.join(folderOf('encoder'), 'hls', 'live.m3u8'), 'utf8')
  const lengths = [...playlist.matchAll(/#EXTINF:([\d.]+),/g)].map(([, seconds]) => Number(seconds))
  assert.ok(lengths.length > RUN_FRAMES / 30, playlist)
  // The last one ends with the production.
  assert.deepEqual(new Set(lengths.slice(0, -1)), new Set([1.001]), playlist)
})

test('a segment of 29.97 is cut by its length, so that a thousand of them still have as many pictures', () => {
  for (const [frameRate, segmentSeconds, exact] of [[23.976, 2, 2.002], [29.97, 10, 10.01], [59.94, 1, 1.001], [25, 2, 2]]) {
    const [chain] = findChains(inFormat([parts.linkIn(), parts.encoder({ gopFrames: 1, wires: [['hls-out']] }), parts.hlsOut({ segmentSeconds })], { ...production, frameRate }))
    const { encoders: [{ outputs: [hls] }] } = defineChain(chain, { host: '127.0.0.1', mediaDir: folder })
    assert.equal(hls.segmentSeconds, exact)
  }
})

test('a second of time code has so many frames, and two rates leave numbers out', () => {
  const rates = [23.976, 24, 29.97, 30, 59.94].map((frameRate) => new PictureFormat({ ...production, frameRate }).rate)
  assert.deepEqual(rates.map(({ nominal }) => nominal), [24, 24, 30, 30, 60])
  assert.deepEqual(rates.map(({ isDropFrame }) => isDropFrame), [false, false, true, false, true])
})
