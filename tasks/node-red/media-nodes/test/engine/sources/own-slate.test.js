'use strict'

/** The production's own slate: what of it is seen, where it may come from, and what happens while it cannot be had. */

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { PicturePool } = require('../../../engine/pictures/picture-pool')
const { Engine } = require('../../../engine/engine')
const { MediaServer } = require('../../../engine/sources/fetching/media-server')
const { OwnSlate } = require('../../../engine/sources/own-slate')
const { eventually } = require('../../../test-support/eventually')
const { FakeClock } = require('../../../test-support/fake-clock')
const { freeUdpPort } = require('../../../test-support/live-source')
const { FONT, realTime } = require('../../../test-support/measuring/conformed')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { s3Server } = require('../../../test-support/s3/server')
const { BARS, barsOf, codesOf, lookAt, make } = require('../../../test-support/samples')
const { sendFile, webServer } = require('../../../test-support/web-server')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slate-'))
const at = (name) => path.join(folder, name)
const PRODUCTION = { width: 640, height: 360, frameRate: 29.97 }
const format = new PictureFormat(PRODUCTION)
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }
const rgb = (bars) => bars.map((bar) => bar.map((part) => part * 255))
const raw = ['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', '1280x720', '-i', 'pipe:0']

let web, s3, media
before(async () => {
  const bars = barsOf({ width: 1280, height: 720, codes: rgb(BARS), isPacked: true })
  make(ffmpegPath, [...raw, at('bars.png')], bars)
  make(ffmpegPath, [...raw, '-q:v', '1', '-qmin', '1', '-pix_fmt', 'yuvj444p', at('bars.jpg')], bars)
  make(ffmpegPath, ['-f', 'lavfi', '-i', 'color=white:size=360x360,format=rgba,colorchannelmixer=aa=0.5', '-frames:v', '1', at('square.png')])
  fs.writeFileSync(at('cut.png'), fs.readFileSync(at('bars.png')).subarray(0, 400))
  fs.writeFileSync(at('list.m3u8'), '#EXTM3U\nfile:///etc/passwd\n')
  web = await webServer((request, response) => {
    const name = path.basename(request.url.split('?')[0])
    if (fs.existsSync(at(name))) sendFile(request, response, at(name))
    else response.writeHead(404, { 'content-length': 0 }).end()
  })
  s3 = await s3Server({ bucket: { region: 'us-east-1', objects: { 'a/slate.png': at('bars.png') } } }, credentials)
  media = new MediaServer({ addresses: { allowsLoopback: true }, s3: { endpoint: s3.address, credentials: async () => credentials } })
  await media.listen()
})
after(async () => {
  await Promise.all([media.close(), web.close(), s3.close()])
  fs.rmSync(folder, { recursive: true })
})

/** With a slate asked for; at the end no picture is kept. */
async function withSlate (location, use, { mediaServer = media, time = realTime } = {}) {
  const pool = new PicturePool(format.pictureBytes)
  const slate = new OwnSlate({ ffmpegPath, format, pool, mediaServer }, time)
  const troubles = []
  slate.on('trouble', (text) => troubles.push(text))
  slate.use(location)
  try {
    await use(slate, troubles)
  } finally {
    await slate.stop()
  }
  assert.equal(pool.inUse, 0)
}

const LOCATIONS = {
  'a PNG of a file': () => at('bars.png'),
  'a JPEG of a file': () => at('bars.jpg'),
  'a PNG of a web server': () => `${web.address}/bars.png?signature=x`,
  'a PNG of S3': () => 's3://bucket/a/slate.png'
}
for (const [what, location] of Object.entries(LOCATIONS)) {
  test(`${what} is seen in the production's size and colours`, () => withSlate(location(), async (slate) => {
    await eventually(`it is there (${slate.lastError})`, () => slate.picture)
    const expected = BARS.map((bar) => codesOf(bar, { matrix: 'bt601' }))
    lookAt(slate.picture.bytes, format).forEach((seen, bar) => seen.forEach((value, plane) => {
      assert.ok(Math.abs(value - expected[bar][plane]) <= 3, `bar ${bar}, plane ${plane}: ${value}, not ${expected[bar][plane]}`)
    }))
    assert.deepEqual(slate.figures, { isShown: true, lastError: null })
  }))
}

test('one of another shape gets bars, and what shines through is black', () => withSlate(at('square.png'), async (slate) => {
  await eventually('it is there', () => slate.picture)
  const luma = (x) => slate.picture.bytes[180 * format.width + x]
  assert.deepEqual([luma(10), luma(630)], [16, 16])
  assert.ok(Math.abs(luma(320) - (16 + 219 / 2)) <= 2, String(luma(320)))
}))

for (const [what, location, expected] of [
  ['a file that is missing', () => at('none.png'), /^SlateUnavailable: its file cannot be read \(ENOENT\).*standard slates/],
  ['a file that is cut', () => at('cut.png'), /cannot be decoded/],
  ['a playlist', () => at('list.m3u8'), /no PNG and no JPEG/],
  ['one that a web server has not', () => `${web.address}/none.png?signature=hidden`, /SourceMissing: 127\.0\.0\.1:\d+ has no such thing/],
  ['one that S3 has not', () => 's3://bucket/none.png', /SourceMissing: bucket has no object none\.png/]
]) {
  test(`${what} is named, once, and nothing is shown of it`, () => withSlate(location(), async (slate, troubles) => {
    await eventually('it is told', () => troubles.length === 1)
    assert.match(troubles[0], expected)
    assert.doesNotMatch(troubles[0], /hidden/)
    assert.equal(slate.picture, null)
    assert.deepEqual(slate.figures, { isShown: false, lastError: troubles[0] })
  }))
}

test('addresses of the machine itself are refused', async () => {
  const mediaServer = new MediaServer()
  await mediaServer.listen()
  try {
    await withSlate(`${web.address}/bars.png`, (_, troubles) => eventually('it is refused', () => /AddressRefused/.test(troubles[0])), { mediaServer })
  } finally {
    await mediaServer.close()
  }
})

test('one that could not be had is asked for again, and another one takes its place', async () => {
  const time = new FakeClock()
  await withSlate(at('later.png'), async (slate, troubles) => {
    await eventually('it is missing', () => troubles.length === 1)
    fs.copyFileSync(at('bars.png'), at('later.png'))
    time.pass(10_000)
    await eventually('it is there', () => slate.picture)
    assert.equal(slate.lastError, null)
    slate.use(at('square.png'))
    assert.equal(slate.picture, null)
    await eventually('the other one', () => slate.picture?.bytes[180 * format.width + 10] === 16)
  }, { time })
  assert.equal(time.waiting, 0)
})

test('on air it is shown of a source that has no sender, and another one comes without the engine beginning anew', async () => {
  const engineFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'slate-engine-'))
  const port = await freeUdpPort('127.0.0.1')
  const definition = {
    name: 'chain', format: PRODUCTION, slate: at('none.png'), sources: [{ name: 'camera', kind: 'rtp', address: '127.0.0.1', port, onLoss: { holdMs: 0 } }],
    encoders: [{ name: 'programme', codec: 'h264', preset: 'ultrafast', bitRate: 500_000, bufferSeconds: 1, gopFrames: 30, sound: { bitRate: 96_000 }, outputs: [] }]
  }
  const engine = new Engine(definition, { ffmpegPath, folder: engineFolder, font: FONT }, realTime)
  const troubles = []
  engine.on('trouble', (text) => troubles.push(text))
  try {
    await engine.start()
    const isTold = () => troubles.some((text) => text.startsWith('slate: SlateUnavailable: '))
    await eventually('the trouble is told, and the slate is on', () => isTold() && engine.state.sources.camera.state === 'slate')
    const { picture } = engine.sourceNamed('camera')
    assert.ok(picture.bytes.subarray(0, format.lumaBytes).some((luma) => luma > 200), 'the standard slate has words in white')
    assert.equal(engine.redefine({ ...definition, slate: at('bars.png') }), true)
    await eventually('the own slate', () => engine.state.slate.isShown && lookAt(engine.sourceNamed('camera').picture.bytes, format)[5][2] > 180)
    assert.equal(engine.redefine(definition), true)
    await eventually('the standard slate again', () => lookAt(engine.sourceNamed('camera').picture.bytes, format)[5][2] < 140)
  } finally {
    await engine.stop()
    fs.rmSync(engineFolder, { recursive: true })
  }
})
