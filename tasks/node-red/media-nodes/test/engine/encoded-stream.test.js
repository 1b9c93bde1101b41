'use strict'

/** An encoder that dies, or gives nonsense, is followed by another; the engine goes on. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { afterEach, beforeEach, test } = require('node:test')
const { EncodedStream } = require('../../engine/outputs/encoded-stream')
const { PACKET_BYTES } = require('../../engine/outputs/transport-stream')
const { PictureFormat } = require('../../engine/pictures/picture-format')
const { eventually } = require('../../test-support/eventually')
const { encode } = require('../../test-support/measuring/encoded')
const { realTime } = require('../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')
const { stereo } = require('../../test-support/sounds')

const format = new PictureFormat({ width: 128, height: 72, frameRate: 25 })
const encoder = { name: 'programme', codec: 'h264', preset: 'ultrafast', bitRate: 500_000, bufferSeconds: 1, gopFrames: 5, sound: { bitRate: 96_000 } }
let folder, stream

beforeEach(() => { folder = fs.mkdtempSync(path.join(os.tmpdir(), 'encoded-')) })
afterEach(async () => {
  await stream?.stop()
  fs.rmSync(folder, { recursive: true })
})

const taken = () => fs.readFileSync(path.join(folder, 'taken'))

/** Stands in for FFmpeg: an encoder that gives `first` and does `then`; those that follow give `next`, and stay. An output keeps all. */
function begin (first, then, next) {
  fs.writeFileSync(path.join(folder, 'first'), first)
  fs.writeFileSync(path.join(folder, 'next'), next)
  const ffmpegPath = path.join(folder, 'ffmpeg')
  fs.writeFileSync(ffmpegPath, `#!/bin/sh
cd ${folder}
case "$*" in
  *rawvideo*) if [ -e again ]; then cat next; exec cat > /dev/null; fi; touch again; cat first; ${then} ;;
  *) exec cat >> taken ;;
esac
`, { mode: 0o700 })
  const outputs = [{ name: 'recording', kind: 'recording', folder, fileName: 'recording.mp4' }]
  stream = new EncodedStream({ ...encoder, outputs }, { ffmpegPath, format }, realTime)
  stream.start(0)
}

for (const left of [1, 56, PACKET_BYTES - 1]) {
  test(`${left} bytes of a packet, of an encoder that died, are not joined to the next one's stream`, async () => {
    const gray = Array(10).fill(Buffer.alloc(format.pictureBytes, 128))
    const { stream: whole } = await encode(realFfmpeg(), encoder, format, gray, stereo(0.4, () => 0))
    const packets = 8 * PACKET_BYTES
    begin(whole.subarray(0, packets + left), 'exit 1', whole)
    const end = whole.subarray(-packets)
    await eventually('the next one\'s stream', () => fs.existsSync(path.join(folder, 'taken')) && taken().subarray(-packets).equals(end))
    assert.equal(taken().length % PACKET_BYTES, 0)
    assert.equal(stream.figures.restarts, 1)
  })
}

test('an encoder that gives nonsense is ended, and another takes its place', async () => {
  const troubles = []
  begin(Buffer.alloc(PACKET_BYTES, 1), 'exec sleep 60', '')
  stream.on('trouble', (text) => troubles.push(text))
  await eventually('another encoder', () => stream.figures.restarts === 1 && stream.figures.pid !== null)
  assert.deepEqual(troubles, ['a packet of the transport stream does not begin with 0x47 (FFmpeg ended by SIGKILL)'])
})
