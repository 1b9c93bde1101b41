'use strict'

/** Bars of RP 219 from the engine's own pattern, as a decoder and as a browser give them back. */

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { PictureFormat } = require('../../engine/pictures/picture-format')
const clock = require('../../lib/clock')
const { picturesServer } = require('../../lib/http/pictures-server')
const { WatchState } = require('../../lib/http/watch-state')
const { Production } = require('../../lib/production')
const { barsOf, launchBrowser, noBrowser, playsTo } = require('../../test-support/browser')
const { eventually } = require('../../test-support/eventually')
const { KeptEngines } = require('../../test-support/kept-engines')
const { encoder, fileOut, hlsOut, source } = require('../../test-support/parts')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')
const { readRecording } = require('../../test-support/measuring/recordings')
const { codesOf } = require('../../test-support/samples')

const ffmpegPath = process.env.FFMPEG_PATH = realFfmpeg()
const format = new PictureFormat({ width: 1280, height: 720, frameRate: 25 })
/** RP 219, the upper pattern: 40 % grey an eighth wide, then seven bars of 75 % on what is left of the width, then grey. */
const BARS = [[0.75, 0.75, 0.75], [0.75, 0.75, 0], [0, 0.75, 0.75], [0, 0.75, 0], [0.75, 0, 0.75], [0.75, 0, 0], [0, 0, 0.75]]
const GREY = [0.4, 0.4, 0.4]
/** Looked at in this many places, of which the first and the last are grey, and those between hit every bar. */
const PLACES = 16
const colourAt = (place) => {
  const x = (place + 0.5) / PLACES
  return x < 1 / 8 || x > 7 / 8 ? GREY : BARS[Math.floor((x - 1 / 8) / (3 / 4) * BARS.length)]
}
const MOST_APART = 2

const HOST = '127.0.0.68'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bars-'))
const engines = new KeptEngines()
const production = new Production({ info: () => {}, warn: () => {} }, { MEDIA_HOST: HOST, MEDIA_DIR: folder }, { engines })
const parts = [
  source('bars', { wires: [['encoder']] }), encoder({ preset: 'ultrafast', bitRate: 6_000_000, gopFrames: 25 }),
  hlsOut({ segmentSeconds: 1 }), fileOut({ fileName: 'bars.mp4' })
]
const server = picturesServer(folder, 'Bars', { watchState: new WatchState(folder, () => production.runnerOf('hls-out'), clock) })

/** The recording is whole afterwards. */
async function goOffAir () {
  for (const { id } of parts) production.remove(id)
  await production.refresh()
}

before(async () => {
  for (const part of parts) production.add(part, { wires: [part.wires], status: () => {} })
  await production.refresh()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const playlist = path.join(folder, 'hls', 'live.m3u8')
  await eventually('four segments', () => fs.existsSync(playlist) && fs.readFileSync(playlist, 'utf8').split('#EXTINF').length > 4, 30)
})
after(async () => {
  await goOffAir()
  await engines.end()
  server.closeAllConnections()
  server.close()
  fs.rmSync(folder, { recursive: true })
})

test('a browser shows BT.709\'s colours', { skip: noBrowser }, async () => {
  const browser = await launchBrowser()
  const seen = await (async () => {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${server.address().port}/`)
    await playsTo(page, 1)
    return barsOf(page, PLACES)
  })().finally(() => browser.close())
  seen.forEach((bar, place) => bar.forEach((value, channel) => {
    const expected = 255 * colourAt(place)[channel]
    assert.ok(Math.abs(value - expected) <= MOST_APART, `place ${place}: ${bar}, not ${colourAt(place).map((part) => 255 * part)}`)
  }))
})

test('a decoder gives BT.709\'s figures', async () => {
  await goOffAir()
  const { pictures } = readRecording(ffmpegPath, path.join(folder, 'bars.mp4'))
  const { bytes } = pictures.at(-1)
  for (let place = 0; place < PLACES; place++) {
    format.planes.forEach(([start, width, height], plane) => {
      const value = bytes[start + (height >> 2) * width + Math.floor((place + 0.5) * width / PLACES)]
      const expected = codesOf(colourAt(place), { matrix: 'bt709' })[plane]
      assert.ok(Math.abs(value - expected) <= MOST_APART, `place ${place}, plane ${plane}: ${value}, not ${expected}`)
    })
  }
})
