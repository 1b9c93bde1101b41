'use strict'

/** An encoder whose FFmpeg takes its time to start, as on a busy machine, has every picture from the first one on. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const { ProgrammeEncoder } = require('../../../engine/outputs/programme-encoder')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { eventually } = require('../../../test-support/eventually')
const { readCode, writeCode } = require('../../../test-support/measuring/bar-code')
const { realTime } = require('../../../test-support/measuring/conformed')
const { decode } = require('../../../test-support/measuring/encoded')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'start-'))
after(() => fs.rmSync(folder, { recursive: true }))

const ENCODER = { codec: 'h264', preset: 'ultrafast', bitRate: 2_000_000, bufferSeconds: 1, gopFrames: 10, sound: null }
const format = new PictureFormat({ width: 320, height: 180, frameRate: 25 })
const SAMPLES = new Float32Array(2 * 48_000 / 25)
/** So many pictures may wait for an encoder that runs, and so many it keeps until more come. */
const [MOST_WAITING, LOOKS_AHEAD] = [12, 3]

/** An FFmpeg that begins when the file `may-begin` is there. */
function lateFfmpeg () {
  const program = path.join(folder, 'ffmpeg')
  fs.writeFileSync(program, `#!/bin/sh\nwhile [ ! -e "${folder}/may-begin" ]; do sleep 0.02; done\nexec "${ffmpegPath}" "$@"\n`, { mode: 0o755 })
  return program
}

test('what comes while FFmpeg starts waits for it, and what comes while it is stopped is left out', async () => {
  const encoder = new ProgrammeEncoder(ENCODER, format, lateFfmpeg(), realTime)
  const stream = []
  encoder.on('data', (bytes) => stream.push(bytes))
  let number = 0
  const write = (count) => {
    for (const end = number + count; number < end; number++) {
      const bytes = Buffer.alloc(format.pictureBytes)
      format.fill(bytes)
      writeCode(bytes, format, 'one', number)
      encoder.write({ bytes, hold: () => {}, release: () => {} }, SAMPLES, number)
    }
  }
  let droppedFrames
  encoder.start(0)
  try {
    write(4 * MOST_WAITING)
    assert.equal(encoder.droppedFrames, 0)
    fs.writeFileSync(path.join(folder, 'may-begin'), '')
    await eventually('what waited is coded', () => encoder.frames >= 4 * MOST_WAITING - LOOKS_AHEAD)
    process.kill(encoder.pid, 'SIGSTOP')
    write(4 * MOST_WAITING)
    droppedFrames = encoder.droppedFrames
    process.kill(encoder.pid, 'SIGCONT')
  } finally {
    await encoder.stop()
  }
  assert.ok(droppedFrames > 0 && droppedFrames <= 3 * MOST_WAITING, `${droppedFrames} left out`)
  const numbers = decode(ffmpegPath, Buffer.concat(stream), format).pictures.map((bytes) => readCode(bytes, format, 'one'))
  assert.deepEqual(numbers, Array.from({ length: number - droppedFrames }, (_, at) => at))
})
