'use strict'

/** Numbered pictures from sources through the mixer's engine, the link and the encoder's engine into recordings: what arrives, and when. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { PictureFormat } = require('../../engine/pictures/picture-format')
const { eventually } = require('../../test-support/eventually')
const { KeptEngines } = require('../../test-support/kept-engines')
const { freeUdpPort } = require('../../test-support/live-source')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')
const { gapsOf, makeNumbered, programmeNumbers, readRecording } = require('../../test-support/measuring/recordings')
const { decibels, sine, stereo } = require('../../test-support/sounds')

const ffmpegPath = process.env.FFMPEG_PATH = realFfmpeg()
const FRAME_RATE = 25
const FRAME_SECONDS = 1 / FRAME_RATE
const production = { width: 320, height: 180, frameRate: FRAME_RATE }
const format = new PictureFormat(production)
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'way-'))
const engines = new KeptEngines()

const [SOURCE_SECONDS, MIX_FRAMES] = [60, 25]
/** The link is back 1.8 s after the mixer's first picture on processors that have time; here they start eight processes at once. */
const BACK_SECONDS = 3.5
const [FLASH_EVERY, FLASH_FRAMES] = [25, 5]
const AMPLITUDE = 0.3
const isFlash = (number) => number % FLASH_EVERY < FLASH_FRAMES
/** Each source's own: sound, and more of the picture. */
const SOURCES = {
  one: { sound: sine(440, AMPLITUDE) },
  two: { sound: sine(1000, AMPLITUDE) },
  three: {
    sound: (second) => isFlash(Math.floor(second * FRAME_RATE + 1e-6)) ? sine(1000, AMPLITUDE)(second) : 0,
    draw: (bytes, number) => { if (isFlash(number)) bytes.fill(235, 100 * format.width, format.lumaBytes) }
  }
}

const encoderOf = (name, more) => ({ name, codec: 'h264', preset: 'ultrafast', bitRate: 4_000_000, bufferSeconds: 1, gopFrames: FRAME_RATE, sound: { bitRate: 192_000 }, ...more })
const recording = (fileName) => ({ name: 'recording', kind: 'recording', folder, fileName })
const state = (key) => engines.command(key, { command: 'state' })
const mixer = (command, more) => engines.command('mixer', { command, ...more })

let definitions
let told

/** Frames of the mixer go by. */
async function frames (count) {
  const { frames: begun } = await state('mixer')
  await eventually(`${count} frames`, async () => (await state('mixer')).frames >= begun + count, 10 + count / FRAME_RATE * 3)
}

const live = (key, ...names) => eventually(`${names} live at the ${key}`, async () => {
  const now = await state(key).catch(() => null)
  return now !== null && names.every((name) => now.sources[name].state === 'live') ? now : null
}, 20)

before(async () => {
  await Promise.all(Object.entries(SOURCES).map(([row, { sound, draw }]) =>
    makeNumbered(ffmpegPath, format, { file: path.join(folder, `${row}.mov`), row, frames: SOURCE_SECONDS * FRAME_RATE, draw, sound: stereo(SOURCE_SECONDS, sound) })))
  const link = { address: '127.0.0.1', port: await freeUdpPort('127.0.0.1'), latencyMs: 120, passphrase: 'a passphrase of the test' }
  definitions = {
    mixer: {
      name: 'mixer', format: production, fader: 1, fades: [], beginsWithSource: false,
      sources: Object.keys(SOURCES).map((name) => ({ name, kind: 'file', location: path.join(folder, `${name}.mov`) })),
      encoders: [
        encoderOf('link', { gopFrames: 12, bufferSeconds: 0.2, sound: null, outputs: [{ name: 'link', kind: 'srt', mode: 'listener', ...link }] }),
        encoderOf('own', { outputs: [recording('mixer.mp4')] })
      ]
    },
    encoder: {
      name: 'encoder', format: production, beginsWithSource: true,
      sources: [{ name: 'link', kind: 'srt', mode: 'caller', ...link }],
      encoders: [encoderOf('programme', { outputs: [recording('encoder.mp4')] })]
    }
  }
  await Promise.all(Object.entries(definitions).map(([key, definition]) => engines.start(key, definition)))
  await live('mixer', ...Object.keys(SOURCES))
  await live('encoder', 'link')
  // Within two seconds the synchroniser has found how many pictures have to wait.
  await frames(3 * FRAME_RATE)
  const begun = { mixer: await state('mixer'), encoder: await state('encoder') }

  await mixer('auto', { kind: 'mix', frames: MIX_FRAMES })
  await frames(2 * MIX_FRAMES)
  await mixer('cut', { source: 'one' })
  await frames(FRAME_RATE)
  await mixer('preset', { source: 'three' })
  await mixer('auto', { kind: 'mix', frames: 10 })
  await frames(3 * FLASH_EVERY)
  await mixer('cut', { source: 'two' })
  await frames(10)
  await mixer('cut', { source: 'one' })
  await mixer('preset', { source: 'two' })
  const { pid, restarts } = (await state('mixer')).sources.two
  process.kill(pid, 'SIGKILL')
  await eventually('the ingest that was killed is replaced', async () => (await state('mixer')).sources.two.restarts > restarts)
  await live('mixer', 'two')
  await frames(FRAME_RATE)
  told = { begun, ended: { mixer: await state('mixer'), encoder: await state('encoder') } }
})
after(async () => {
  await engines.end()
  fs.rmSync(folder, { recursive: true })
})

let ownRecording
let encoderRecording

test('the encoder machine shows its slate while the mixer\'s engine is away, and is back by itself soon after its return', async () => {
  await engines.stop('mixer')
  ownRecording = readRecording(ffmpegPath, path.join(folder, 'mixer.mp4'))
  await eventually('the slate', async () => (await state('encoder')).sources.link.state === 'slate')
  const { frames: begun, missedFrames } = await state('encoder')
  await engines.start('mixer', definitions.mixer)
  await eventually('the mixer is back', async () => (await state('mixer').catch(() => ({ frames: 0 }))).frames > 0)
  const startedAt = performance.now()
  const back = await live('encoder', 'link')
  const seconds = (performance.now() - startedAt) / 1000
  assert.ok(seconds < BACK_SECONDS, `${seconds} s`)
  assert.ok(back.frames > begun && back.missedFrames === missedFrames, 'it went on all the time')
  await engines.stop('encoder')
  encoderRecording = readRecording(ffmpegPath, path.join(folder, 'encoder.mp4'))
})

test('every picture of the programme is in the mixer\'s recording, none twice, through mixes, cuts and a killed ingest', () => {
  const numbers = programmeNumbers(ownRecording.pictures, format)
  const first = numbers.findIndex((number) => number !== null)
  assert.ok(numbers.length - first > 200, `${numbers.length} pictures`)
  assert.ok(numbers.slice(first).every((number) => number !== null), 'each can be read')
  const { sources, encoders: [, { droppedFrames }], missedFrames } = told.ended.mixer
  assert.deepEqual({ droppedFrames, missedFrames }, { droppedFrames: 0, missedFrames: 0 })
  assert.deepEqual(gapsOf(numbers.slice(first)), { missing: 0, twice: 0 }, JSON.stringify(sources))
})

test('pictures follow each other in the time of the production', () => {
  for (const { pictures } of [ownRecording, encoderRecording]) {
    pictures.forEach(({ seconds }, at) => {
      if (at > 0) assert.ok(Math.abs(seconds - pictures[at - 1].seconds - FRAME_SECONDS) < 0.001, `picture ${at} after ${seconds - pictures[at - 1].seconds} s`)
    })
  }
})

/** The pictures of the encoder's recording up to the mixer's end, from when its clock had settled. */
function settled () {
  const numbers = programmeNumbers(encoderRecording.pictures, format)
  const own = programmeNumbers(ownRecording.pictures, format)
  const last = numbers.indexOf(Math.max(...own.filter((number) => number !== null)) - FRAME_RATE)
  const first = numbers.findIndex((number) => number !== null) + 3 * FRAME_RATE
  return { numbers, first, last }
}

test('every picture of the programme is in the encoder\'s recording; one that is not, or is twice, is in its figures', () => {
  const { numbers, first, last } = settled()
  assert.ok(last - first > 150, `${first} to ${last}`)
  const { missing, twice } = gapsOf(numbers.slice(first, last))
  const [begun, ended] = [told.begun.encoder, told.ended.encoder].map(({ sources: { link } }) => link)
  // Its clock's repairs alone: a picture left out or shown again for the jitter's sake.
  assert.ok(missing <= ended.skippedFrames - begun.skippedFrames, `${missing} missing: ${JSON.stringify(ended)}`)
  assert.ok(twice <= ended.repeatedFrames - begun.repeatedFrames, `${twice} twice: ${JSON.stringify(ended)}`)
  assert.deepEqual([ended.restarts, told.ended.encoder.encoders[0].droppedFrames], [0, 0])
})

for (const [whose, recordingOf] of [['mixer', () => ownRecording], ['encoder', () => encoderRecording]]) {
  const numbersOf = () => programmeNumbers(recordingOf().pictures, format)

  test(`sound keeps its level through a crossfade, within 0.5 dB, in the ${whose}'s recording`, () => {
    const { pictures, sound } = recordingOf()
    const rows = pictures.map(({ bytes }) => [0, 1].map((row) => bytes[(row * 16 + 8) * format.width + 8]))
    // Before the first source is there, a slate is as bright.
    const first = numbersOf().findIndex((number) => number !== null)
    const begins = rows.findIndex(([one, two], at) => at > first && two > 24 && one > 24)
    const from = pictures[begins].seconds - 0.5
    const whole = 20 * Math.log10(AMPLITUDE) - 3.01
    for (let at = from; at < from + 2; at += 0.05) {
      const level = decibels(sound.subarray(2 * Math.round(at * 48_000), 2 * Math.round((at + 0.05) * 48_000)))
      assert.ok(Math.abs(level - whole) < 0.5, `${level - whole} dB ${at - from - 0.5} s into the mix`)
    }
  })

  test(`flash and beep are within one frame of each other in the ${whose}'s recording`, () => {
    const { pictures, sound } = recordingOf()
    const isBright = pictures.map(({ bytes }) => bytes[140 * format.width + 160] > 200)
    const flashes = pictures.flatMap(({ seconds }, at) => at > 0 && isBright[at] && !isBright[at - 1] ? [seconds] : [])
    assert.ok(flashes.length >= 2, `${flashes.length} flashes`)
    // The first may be on its way in; before each of the others it is silent.
    for (const seconds of flashes.slice(1)) {
      const from = Math.round((seconds - 0.2) * 48_000)
      const heard = sound.subarray(2 * from, 2 * (from + 0.4 * 48_000)).findIndex((value) => Math.abs(value) > AMPLITUDE / 4)
      const late = (from + (heard >> 1)) / 48_000 - seconds
      assert.ok(heard > 0 && Math.abs(late) <= FRAME_SECONDS, `the beep comes ${Math.round(late * 1000)} ms after the flash`)
    }
    assert.ok(numbersOf().length > 0)
  })
}
