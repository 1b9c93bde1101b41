'use strict'

/**
 * What FFmpeg looks at before it begins is not lost, and it waits for no more than a look: a source is there with its first key picture, and where
 * its pictures are the production's own, FFmpeg is started once.
 */

const assert = require('node:assert/strict')
const { execFileSync, spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, test } = require('node:test')
const { codingArguments } = require('../../engine/outputs/encoder-arguments')
const { outputArguments } = require('../../engine/outputs/output-arguments')
const { PictureFormat } = require('../../engine/pictures/picture-format')
const { ingestArguments } = require('../../engine/sources/ingest/ingest-arguments')
const { IngestLog } = require('../../engine/sources/ingest/ingest-log')
const { IngestProcess } = require('../../engine/sources/ingest/ingest-process')
const { eventually } = require('../../test-support/eventually')
const { realTime } = require('../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'first-'))
after(() => fs.rmSync(folder, { recursive: true }))
const format = new PictureFormat({ width: 320, height: 180, frameRate: 25 })
/** A second has 25; some are still on their way when no more comes. */
const [PICTURES, LEAST] = [25, 18]
const SOURCES = {
  link: { kind: 'srt', mode: 'caller', controlPort: 9711 },
  srt: { kind: 'srt', mode: 'listener' },
  rtmp: { kind: 'rtmp' }
}

/** A second of pictures in the production's own format, the first the only key picture, and sound. */
function second (args) {
  const { matrix, primaries, transfer } = format.colours
  const pictures = `testsrc2=size=320x180:rate=25:duration=1,format=yuv420p,setparams=range=limited:colorspace=${matrix}:color_primaries=${primaries}:color_trc=${transfer}`
  return execFileSync(ffmpegPath, [
    '-v', 'error', '-f', 'lavfi', '-i', pictures, '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=1', '-ac', '2', ...args
  ], { maxBuffer: 64_000_000 })
}

/** As the link's encoder gives it; FFmpeg cannot tell by looking that its sound is SMPTE 302M. */
function linkStream (bitRate) {
  return second([...codingArguments({ codec: 'h264', preset: 'ultrafast', bitRate, bufferSeconds: 0.2, gopFrames: 100, sound: null }, format), 'pipe:1'])
}

const CODED = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '100', '-c:a', 'aac']
const STREAMS = {
  link: () => linkStream(1_000_000),
  srt: () => second([...CODED, '-f', 'mpegts', 'pipe:1']),
  rtmp: () => second([...CODED, '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'])
}

for (const [kind, source] of Object.entries(SOURCES)) {
  test(`${kind}: the first key picture is seen, though no other comes and the sender goes on, by the first FFmpeg`, async () => {
    const socketPath = path.join(folder, `${kind}.sock`)
    const log = new IngestLog({ track: 0, keepsFirst: false }, format)
    const argumentsNow = () => ingestArguments({ name: kind, ...source }, { format, socket: socketPath }, log)
    const args = argumentsNow()
    const [pictures, told] = [[], []]
    const ingest = new IngestProcess({ ffmpegPath, args, socketPath, hasFeed: true, relay: null }, {
      line: (line) => { if (log.read(line) !== null) told.push(argumentsNow()) },
      take: (stream, size) => new Uint8Array(size),
      frame: ({ kind, timeBase }, pts) => { if (kind === 'picture') pictures.push(pts * timeBase.numerator / timeBase.denominator) },
      read: () => true,
      error: (text) => assert.fail(text),
      end: (code) => assert.fail(`FFmpeg ended with exit code ${code}`)
    }, realTime)
    try {
      ingest.write(STREAMS[kind]())
      ingest.open()
      await eventually(`${LEAST} of ${PICTURES} pictures`, () => pictures.length >= LEAST, 15)
      pictures.forEach((seconds, at) => assert.ok(Math.abs(seconds - at / 25) < 0.002, `picture ${at} at ${seconds} s`))
      assert.deepEqual(told, [args])
    } finally {
      await ingest.kill()
    }
  })
}

test('what sends a link sends each byte as it comes', async () => {
  const args = outputArguments({ kind: 'srt', mode: 'listener', address: '127.0.0.1', port: 1, latencyMs: 120, passphrase: 'a passphrase' })
  const ffmpeg = spawn(ffmpegPath, [...args.slice(0, -1).filter((arg, at) => !['-passphrase', '-pbkeylen'].includes(arg) && !['-passphrase', '-pbkeylen'].includes(args[at - 1])), 'pipe:1'])
  const stream = linkStream(20_000_000)
  const sent = []
  ffmpeg.stdout.on('data', (bytes) => sent.push(bytes))
  try {
    ffmpeg.stdin.write(stream.subarray(0, 188))
    await eventually('one packet is sent', () => Buffer.concat(sent).length >= 188)
    ffmpeg.stdin.end(stream.subarray(188))
    await once(ffmpeg, 'close')
    assert.ok(Buffer.concat(sent).equals(stream))
  } finally {
    ffmpeg.kill('SIGKILL')
  }
})
