'use strict'

/** The watch page of an HEVC programme with an H.264 picture beside it, in a real browser that decodes no HEVC. */

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const clock = require('../../lib/clock')
const { picturesServer } = require('../../lib/http/pictures-server')
const { WatchState } = require('../../lib/http/watch-state')
const { Production } = require('../../lib/production')
const { launchBrowser, noBrowser, playsTo } = require('../../test-support/browser')
const { eventually } = require('../../test-support/eventually')
const { KeptEngines } = require('../../test-support/kept-engines')
const { encoder, hlsOut, source } = require('../../test-support/parts')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')

process.env.FFMPEG_PATH = realFfmpeg()
const FORMAT = { width: 640, height: 360, frameRate: 25 }
const HOST = '127.0.0.63'

describe('a programme in HEVC and in H.264', { skip: noBrowser }, () => {
  const mediaDir = fs.mkdtempSync(path.join(os.tmpdir(), 'renditions-'))
  const engines = new KeptEngines()
  let production, server, url, browser

  before(async () => {
    production = new Production({ info: () => {}, warn: () => {} }, { MEDIA_HOST: HOST, MEDIA_DIR: mediaDir }, { engines })
    const coded = encoder({ codec: 'hevc', preset: 'ultrafast', bitRate: 1_000_000, gopFrames: 25, renditions: [{ height: 180, bitRate: 300_000 }], wires: [['hls-out']] })
    for (const part of [source('bars', { wires: [['encoder']] }), coded, hlsOut({ segmentSeconds: 1 })]) {
      if (part.format) part.format = FORMAT
      production.add(part, { wires: [part.wires], status: () => {} })
    }
    server = picturesServer(mediaDir, 'A show', { watchState: new WatchState(mediaDir, () => production.runnerOf('hls-out'), clock) })
    server.listen(0, HOST)
    await once(server, 'listening')
    url = `http://${HOST}:${server.address().port}/`
    await production.refresh()
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await engines.end()
    for (const id of ['bars', 'encoder', 'hls-out']) production.remove(id)
    await production.refresh()
    server.closeAllConnections()
    server.close()
    fs.rmSync(mediaDir, { recursive: true })
  })

  it('is listed in both, and played in the one that the browser decodes', async () => {
    const index = () => fetch(`${url}hls/index.m3u8`).then((response) => response.ok ? response.text() : '')
    await eventually('both are listed', async () => /CODECS="hvc1\.[^"]+,mp4a\.40\.2",RESOLUTION=640x360.*\nlive\.m3u8\n#.*CODECS="avc1\.[^"]+,mp4a\.40\.2",RESOLUTION=320x180.*\n2\/live\.m3u8\n/.test(await index()), 30)
    const page = await browser.newPage()
    await page.goto(url)
    await playsTo(page, 1)
    const told = await page.evaluate(() => ({
      size: [document.querySelector('video').videoWidth, document.querySelector('video').videoHeight], decodesHevc: MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L120.90"'),
      notice: document.getElementById('notice-text').textContent
    }))
    assert.deepEqual(told, { size: [320, 180], decodesHevc: false, notice: '' })
  })
})
