'use strict'

/** Sources recorded by themselves, beside the programme: what is in the files, decoded again, and how they lie to each other. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { afterEach, beforeEach, test } = require('node:test')
const { Engine } = require('../../../engine/engine')
const { SourceEncodings } = require('../../../engine/outputs/source-encodings')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { eventually } = require('../../../test-support/eventually')
const { readCode } = require('../../../test-support/measuring/bar-code')
const { FONT, realTime } = require('../../../test-support/measuring/conformed')
const { makeNumbered, readRecording } = require('../../../test-support/measuring/recordings')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { stereo } = require('../../../test-support/sounds')

const ffmpegPath = realFfmpeg()
const PICTURES = { width: 320, height: 180, frameRate: 25 }
const format = new PictureFormat(PICTURES)
const SECONDS = 30
/** What a frame lasts (s); timestamps are whole ticks of the container. */
const [FRAME, TICK] = [1 / 25, 0.002]

let folder, engine, troubles
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sources-'))
  troubles = []
})
afterEach(async () => {
  await engine?.stop()
  fs.rmSync(folder, { recursive: true })
})

const coded = { codec: 'h264', preset: 'ultrafast', bitRate: 1_500_000, bufferSeconds: 1, gopFrames: 25, sound: { bitRate: 96_000 } }
const recorded = (fileName, more) => ({ outputs: [{ name: fileName, kind: 'recording', folder: path.join(folder, 'media'), fileName, production: 'ab12cd34', ...more }] })
const ofSource = (source) => ({ source, name: `${source} encoder`, ...coded, ...recorded(`${source}.mp4`, { source }) })
const patternOf = (name, number) => ({ name, number, kind: 'pattern', pattern: 'test-card' })

function define (sourceEncoders, sources, more = {}) {
  return { name: 'chain', format: PICTURES, sources, encoders: [{ name: 'programme', ...coded, ...recorded('programme.mp4') }], sourceEncoders, ...more }
}

async function begin (definition) {
  engine = new Engine(definition, { ffmpegPath, folder, font: FONT }, realTime)
  engine.on('trouble', (text) => troubles.push(text))
  await engine.start()
}

const media = (name) => path.join(folder, 'media', name)
const manifestOf = (name) => JSON.parse(fs.readFileSync(media(`${name}.json`), 'utf8'))
const encodingOf = (source) => engine.state.sourceEncoders.find((one) => one.source === source)
const framesOf = (source) => encodingOf(source)?.outputs[0].told?.frames ?? 0

/** What number each picture of a file bears, by its time (s, to the frame) on the production's clock. */
function numbersOf (name, row) {
  const [{ clockSeconds }] = manifestOf(name).files
  const { pictures } = readRecording(ffmpegPath, media(`${name}.mp4`))
  return new Map(pictures.map(({ seconds, bytes }) => {
    const at = (seconds + clockSeconds) / FRAME
    assert.ok(Math.abs(at - Math.round(at)) * FRAME < TICK, `${name}: ${seconds} s is between two frames`)
    return [Math.round(at), readCode(bytes, format, row)]
  }))
}

test('each as it came, whole, on one clock: the programme\'s picture is the source\'s of the same time, to the frame', async () => {
  for (const [row, hz] of [['one', 1000], ['two', 400]]) {
    await makeNumbered(ffmpegPath, format, { file: path.join(folder, `${row}.mov`), row, frames: SECONDS * 25, sound: stereo(SECONDS, (at) => 0.2 * Math.sin(2 * Math.PI * hz * at)) })
  }
  const file = (name, number) => ({ name, number, kind: 'file', location: path.join(folder, `${name}.mov`), looped: true })
  await begin(define([ofSource('one'), ofSource('two')], [file('one', 1), file('two', 2)]))
  await eventually('both are recorded', () => framesOf('one') >= 75 && framesOf('two') >= 75, 30)
  engine.moveFader(0, 0)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await engine.stop()
  engine = null

  const [one, two, programmeOne, programmeTwo] = [numbersOf('one', 'one'), numbersOf('two', 'two'), numbersOf('programme', 'one'), numbersOf('programme', 'two')]
  const common = [...programmeOne.keys()].filter((frame) => one.has(frame) && two.has(frame))
  assert.ok(common.length > 75, `${common.length} frames are in all files`)
  const shown = { one: 0, two: 0 }
  for (const frame of common) {
    const [number, other] = [programmeOne.get(frame), programmeTwo.get(frame)]
    if (number !== null) {
      assert.equal(one.get(frame), number)
      shown.one += 1
    } else if (other !== null) {
      assert.equal(two.get(frame), other)
      shown.two += 1
    }
  }
  assert.ok(shown.one > 40 && shown.two > 20, `the programme shows ${JSON.stringify(shown)}`)
  const { production, source, files: [{ frames, state }] } = manifestOf('one')
  assert.deepEqual([production, source, state, manifestOf('programme').source], ['ab12cd34', 'one', 'complete', undefined])
  assert.equal(frames, one.size)
  assert.ok(Math.abs(Date.parse(manifestOf('one').files[0].startedAt) - Date.parse(manifestOf('programme').files[0].startedAt)) < 500)
  assert.deepEqual(troubles, [])
})

test('what is asked for comes and goes on air; a dead encoder of a source costs the others nothing', async () => {
  const sources = [patternOf('one', 1), patternOf('two', 2)]
  await begin(define([ofSource('one')], sources))
  await eventually('it is recorded', () => framesOf('one') > 0, 30)
  const { pid } = encodingOf('one')
  const [programme] = engine.state.encoders
  const threads = fs.readdirSync(`/proc/${pid}/task`).map(Number)
  assert.ok(threads.length > 3)
  assert.deepEqual([...new Set(threads.map((thread) => os.getPriority(thread)))], [10])
  assert.equal(os.getPriority(programme.pid), os.getPriority())

  assert.ok(engine.redefine(define([ofSource('one'), ofSource('two')], sources)))
  await eventually('the other one, too', () => framesOf('two') > 0, 30)
  assert.equal(encodingOf('one').pid, pid)
  process.kill(encodingOf('two').pid, 'SIGKILL')
  const before = framesOf('two')
  await eventually('it is begun again', () => encodingOf('two').restarts === 1 && encodingOf('two').pid !== null, 30)
  assert.equal(os.getPriority(encodingOf('two').pid), 10)
  await eventually('it is encoded again', () => framesOf('two') > before + 25, 30)

  assert.ok(engine.redefine(define([ofSource('two')], sources)))
  await eventually('it is finished', () => manifestOf('one').files[0].state === 'complete', 30)
  assert.deepEqual(engine.state.sourceEncoders.map(({ source }) => source), ['two'])
  await engine.stop()
  const [after] = engine.state.encoders
  assert.deepEqual([after.restarts, after.droppedFrames, after.outputs[0].restarts], [0, programme.droppedFrames, 0])
  const { files, gaps } = manifestOf('two')
  assert.deepEqual(files.map(({ name, state }) => [name, state]), [['two.mp4', 'complete']])
  assert.equal(gaps.length, 1)
  assert.ok(files[0].clockSeconds > manifestOf('one').files[0].clockSeconds + 1)
  engine = null
})

test('an encoder of a source yields when it encodes, and not while it starts', async () => {
  const starting = path.join(folder, 'ffmpeg')
  fs.writeFileSync(starting, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
  const encodings = new SourceEncodings([{ source: 'one', name: 'one', ...coded, outputs: [] }], { ffmpegPath: starting, format }, realTime)
  encodings.start(0)
  const [{ pid }] = encodings.figures
  assert.equal(os.getPriority(pid), os.getPriority())
  process.kill(pid, 'SIGKILL')
  await eventually('it is begun again, in what time is left', () => encodings.figures[0].pid && encodings.figures[0].pid !== pid, 10)
  assert.equal(os.getPriority(encodings.figures[0].pid), 10)
  process.kill(encodings.figures[0].pid, 'SIGKILL')
  await encodings.stop()
})
