'use strict'

/** The watch page of a production on air, in a real browser. */

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const { after, afterEach, before, beforeEach, describe, it } = require('node:test')
const { signalling } = require('../../lib/chain-definition')
const clock = require('../../lib/clock')
const { picturesServer } = require('../../lib/http/pictures-server')
const { WatchState } = require('../../lib/http/watch-state')
const { Production } = require('../../lib/production')
const { barriers, launchBrowser, noBrowser, playsTo } = require('../../test-support/browser')
const { eventually } = require('../../test-support/eventually')
const { KeptEngines } = require('../../test-support/kept-engines')
const { encoder, fileOut, hlsOut, source } = require('../../test-support/parts')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')

process.env.FFMPEG_PATH = realFfmpeg()
const WAIT_MS = 30_000
/** Upright, as a telephone's programme is. */
const FORMAT = { width: 360, height: 640, frameRate: 25 }
const SIZES = [[390, 844], [820, 1180], [1440, 900]]
const TONE_HZ = 1000
const HOST = '127.0.0.62'

describe('the watch page', { skip: noBrowser }, () => {
  const mediaDir = fs.mkdtempSync(path.join(os.tmpdir(), 'watch-'))
  const engines = new KeptEngines()
  let production, server, url, browser, page, errors

  before(async () => {
    production = new Production({ info: () => {}, warn: () => {} }, { MEDIA_HOST: HOST, MEDIA_DIR: mediaDir }, { engines })
    for (const part of [source('bars', { wires: [['encoder']] }), encoder({ preset: 'ultrafast', bitRate: 1_000_000, gopFrames: 25 }), hlsOut({ segmentSeconds: 1 }), fileOut()]) {
      if (part.format) part.format = FORMAT
      production.add(part, { wires: [part.wires], status: () => {} })
    }
    server = picturesServer(mediaDir, 'A show & more', {
      watchState: new WatchState(mediaDir, () => production.runnerOf('hls-out'), clock), lowLatency: signalling(hlsOut(), HOST)
    })
    server.listen(0, HOST)
    await once(server, 'listening')
    url = `http://${HOST}:${server.address().port}/`
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await engines.end()
    for (const id of ['bars', 'encoder', 'hls-out', 'file-out']) production.remove(id)
    await production.refresh()
    server.closeAllConnections()
    server.close()
    fs.rmSync(mediaDir, { recursive: true })
  })
  beforeEach(async () => {
    page = await browser.newPage()
    errors = []
    page.on('pageerror', ({ message }) => errors.push(message))
    page.on('console', (message) => { if (message.text().includes('Content Security Policy')) errors.push(message.text()) })
  })
  afterEach(async () => {
    await page.close()
    assert.deepEqual(errors, [])
  })

  const texts = () => page.evaluate(() => Object.fromEntries(['state-text', 'notice-text', 'latency', 'dropped', 'size', 'how'].map((id) => [id, document.getElementById(id).textContent])))
  const isState = (state) => page.waitForFunction((wanted) => document.body.dataset.state === wanted, { timeout: WAIT_MS, polling: 100 }, state)
  const isSaid = (words) => page.waitForFunction((wanted) => {
    const notice = document.getElementById('notice')
    return !notice.hidden && notice.textContent.includes(wanted)
  }, { timeout: WAIT_MS, polling: 100 }, words)
  const state = () => production.runnerOf('hls-out').engine
  const position = () => page.evaluate(() => document.querySelector('video').currentTime)

  /** The page as wide as its window, with all of the picture in sight, at every size; in the dark and in the light for everybody. */
  async function fits () {
    for (const value of ['dark', 'light']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }])
      assert.deepEqual(await barriers(page), [])
    }
    for (const [width, height] of SIZES) {
      await page.setViewport({ width, height })
      const seen = await page.evaluate(() => {
        const { left, right, top, bottom } = document.getElementById('stage').getBoundingClientRect()
        const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement
        return { over: [scrollWidth - clientWidth, scrollHeight - clientHeight], isInSight: left >= 0 && top >= 0 && right <= clientWidth && bottom <= clientHeight, shape: (right - left) / (bottom - top) }
      })
      assert.ok(seen.over.every((pixels) => pixels <= 0) && seen.isInSight, `${width}x${height}: ${JSON.stringify(seen)}`)
      if (await page.evaluate(() => document.querySelector('video').videoWidth > 0)) assert.ok(Math.abs(seen.shape - FORMAT.width / FORMAT.height) < 0.02, `${seen.shape}`)
    }
  }

  it('waits for the first picture, and then plays by itself, with what there is to know', async () => {
    await page.goto(url)
    await isSaid('as soon as there are pictures')
    await fits()
    await production.refresh()
    await isState('live')
    await playsTo(page, 1)
    await page.waitForFunction(() => document.getElementById('latency').textContent.endsWith(' s'), { timeout: WAIT_MS })
    const told = await texts()
    assert.deepEqual([told.how, told.size, told['notice-text']], ['hls.js', '360 × 640', ''])
    assert.match(told['state-text'], /^Live since /)
    assert.match(told.dropped, /^\d+ of \d+$/)
    const latency = parseFloat(told.latency)
    assert.ok(latency > 0.5 && latency < 8, told.latency)
    await fits()
  })

  it('has sound at the press of its button: the line-up tone', async () => {
    await page.goto(url)
    await playsTo(page, 0.5)
    await page.waitForSelector('#unmute', { visible: true, timeout: WAIT_MS })
    await page.click('#unmute')
    assert.deepEqual(await page.evaluate(() => [document.querySelector('video').muted, document.getElementById('unmute').hidden]), [false, true])
    const heard = await page.evaluate(async () => {
      const context = new AudioContext()
      const analyser = Object.assign(context.createAnalyser(), { fftSize: 8192 })
      context.createMediaElementSource(document.querySelector('video')).connect(analyser).connect(context.destination)
      await context.resume()
      const deadline = performance.now() + 10_000
      for (;;) {
        const levels = new Float32Array(analyser.frequencyBinCount)
        analyser.getFloatFrequencyData(levels)
        const loudest = levels.indexOf(Math.max(...levels))
        const found = { hertz: loudest * context.sampleRate / analyser.fftSize, decibels: levels[loudest] }
        if (found.decibels > -60 || performance.now() > deadline) return found
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })
    assert.ok(Math.abs(heard.hertz - TONE_HZ) < 20 && heard.decibels > -60, JSON.stringify(heard))
  })

  const VICTIMS = {
    'the encoder\'s FFmpeg': ({ encoders: [programme] }) => programme.pid,
    'the packager': ({ encoders: [{ outputs }] }) => outputs.find(({ name }) => name === 'hls-out').pid,
    'the engine': ({ pid }) => pid
  }
  for (const [name, pidOf] of Object.entries(VICTIMS)) {
    it(`plays on after a kill -9 of ${name}`, async () => {
      await page.goto(url)
      await playsTo(page, 1)
      const pid = pidOf(state())
      process.kill(pid, 'SIGKILL')
      await eventually('another', () => ![pid, null].includes(pidOf(state())))
      const from = await position()
      await playsTo(page, from + 6)
      const frames = () => page.evaluate(() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames)
      const shown = await frames()
      await eventually('other pictures', async () => await frames() > shown + 10)
      assert.equal((await texts())['notice-text'], '')
    })
  }

  describe('with low latency', () => {
    const lowLatency = () => state().encoders[0].outputs.find(({ name }) => name === 'hls-out low latency')
    const renditions = () => fs.readFileSync(`/proc/${lowLatency().pid}/task/${lowLatency().pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
    const isBright = () => page.evaluate(() => {
      const video = document.querySelector('video')
      const context = Object.assign(document.createElement('canvas'), { width: 8, height: 8 }).getContext('2d')
      context.drawImage(video, 0, 0, 8, 8)
      return Math.max(...context.getImageData(4, 1, 1, 1).data.slice(0, 3)) > 60
    })

    async function begin () {
      await page.goto(url)
      await playsTo(page, 0.5)
      await page.waitForSelector('#low', { visible: true, timeout: WAIT_MS })
      await page.click('#low')
      await page.waitForFunction(() => document.querySelector('video').srcObject && document.querySelector('video').videoWidth > 0, { timeout: WAIT_MS, polling: 50 })
      await playsTo(page, 0.5)
    }

    it('what happens is seen within a second, in the programme\'s shape, with its sound; and nothing is made any more once nobody watches', async () => {
      await begin()
      await page.waitForFunction(() => document.getElementById('how').textContent === 'WebRTC, small', { timeout: WAIT_MS, polling: 50 })
      const { videoWidth, videoHeight } = await page.evaluate(() => ({ videoWidth: document.querySelector('video').videoWidth, videoHeight: document.querySelector('video').videoHeight }))
      assert.ok(Math.abs(videoWidth / videoHeight - FORMAT.width / FORMAT.height) < 0.02, `${videoWidth}x${videoHeight}`)
      await eventually('sound', async () => page.evaluate(() => document.querySelector('video').webkitAudioDecodedByteCount > 0 || document.querySelector('video').srcObject.getAudioTracks()[0].muted === false))
      assert.equal(renditions().length, 1)
      await eventually('it is bright', isBright)
      // Once it has settled: the first second is behind by the group that it began with.
      const delays = []
      for (let count = 0; count < 4; count++) {
        await production.runnerOf('hls-out').command({ command: 'fadeToBlack', isBlack: true, frames: 1 })
        const startedAt = performance.now()
        await eventually('it is black', async () => !(await isBright()))
        delays.push(performance.now() - startedAt)
        await production.runnerOf('hls-out').command({ command: 'fadeToBlack', isBlack: false, frames: 1 })
        await eventually('it is bright again', isBright)
      }
      const [, median] = delays.sort((a, b) => a - b)
      assert.ok(median < 1000, `${delays.map(Math.round)} ms`)
      await page.goto('about:blank')
      await eventually('nothing is made', () => renditions().length === 0, 20)
    })

    it('plays on after a kill -9 of the encoder\'s FFmpeg, and of the rendition\'s', async () => {
      await begin()
      for (const pid of [state().encoders[0].pid, renditions()[0]]) {
        process.kill(pid, 'SIGKILL')
        const frames = () => page.evaluate(() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames)
        await eventually('it is another', () => state().encoders[0].pid !== pid && !renditions().includes(pid) && renditions().length === 1)
        const shown = await frames()
        await eventually('other pictures', async () => await frames() > shown + 25)
      }
      assert.equal((await texts()).how, 'WebRTC, small')
    })

    it('goes back to HLS by itself when its process dies', async () => {
      await begin()
      process.kill(lowLatency().pid, 'SIGKILL')
      await page.waitForFunction(() => document.getElementById('how').textContent.includes('cannot be had'), { timeout: WAIT_MS, polling: 100 })
      await playsTo(page, 2)
      assert.ok(await page.evaluate(() => document.querySelector('video').srcObject === null))
    })

    it('goes back to HLS by itself when it cannot be reached', async () => {
      await page.setRequestInterception(true)
      page.on('request', (request) => { if (request.url().endsWith('/whep')) request.abort(); else request.continue() })
      await page.goto(url)
      await page.waitForSelector('#low', { visible: true, timeout: WAIT_MS })
      await page.click('#low')
      await page.waitForFunction(() => document.getElementById('how').textContent.includes('cannot be had'), { timeout: WAIT_MS, polling: 100 })
      await playsTo(page, 1)
    })
  })

  it('shows the last picture while the machine does not answer, says so, and plays on by itself', async () => {
    let isGone = false
    await page.setRequestInterception(true)
    page.on('request', (request) => { if (isGone) request.abort(); else request.continue() })
    await page.goto(url)
    await playsTo(page, 1)
    isGone = true
    await isState('lost')
    await isSaid('The machine has not answered since')
    const stopped = await position()
    assert.ok(stopped > 1 && await page.evaluate(() => document.querySelector('video').readyState >= 2))
    isGone = false
    await isState('live')
    await playsTo(page, stopped + 2)
    assert.equal((await texts())['notice-text'], '')
  })

  it('plays on a page of another origin, too', async () => {
    const text = `<!doctype html><script src="${url}page/hls.js"></script><video muted autoplay></video><script>
      const hls = new Hls(); hls.loadSource('${url}hls/live.m3u8'); hls.attachMedia(document.querySelector('video'))</script>`
    const other = http.createServer((request, response) => response.end(text))
    other.listen(0, '127.0.0.2')
    await once(other, 'listening')
    try {
      await page.goto(`http://127.0.0.2:${other.address().port}/`)
      await playsTo(page, 1)
    } finally {
      other.closeAllConnections()
      other.close()
    }
  })

  const withoutMediaSource = () => { for (const name of ['MediaSource', 'ManagedMediaSource', 'WebKitMediaSource']) delete globalThis[name] }

  it('plays by the browser\'s own HLS where there is no MediaSource', async () => {
    await page.evaluateOnNewDocument(withoutMediaSource)
    await page.goto(url)
    await playsTo(page, 2)
    assert.equal((await texts()).how, 'the browser\'s own HLS')
  })

  it('shows a still each second, and says why, where there is neither', async () => {
    await eventually('a still', () => fs.existsSync(path.join(mediaDir, 'still.jpg')))
    await page.evaluateOnNewDocument(withoutMediaSource)
    await page.evaluateOnNewDocument(() => { HTMLMediaElement.prototype.canPlayType = () => '' })
    let stills = 0
    page.on('response', (response) => { if (response.url().includes('still.jpg') && response.ok()) stills += 1 })
    await page.goto(url)
    await isSaid('plays no HLS')
    await eventually('more than one still', () => stills > 1)
    await page.waitForFunction(() => document.querySelector('video').hidden && document.getElementById('still').naturalWidth > 0, { timeout: WAIT_MS })
  })

  it('says which browsers play HEVC when this one does not', async () => {
    await page.evaluateOnNewDocument(() => {
      const { isTypeSupported } = MediaSource
      MediaSource.isTypeSupported = (type) => !type.includes('hvc1') && isTypeSupported.call(MediaSource, type)
    })
    await page.evaluateOnNewDocument(() => {
      const { fetch } = globalThis
      globalThis.fetch = async (...asked) => new Response(JSON.stringify({ ...await (await fetch(...asked)).json(), codec: 'hevc' }))
    })
    await page.goto(url)
    await isSaid('This programme is HEVC, which this browser cannot decode. Safari plays it')
  })

  it('shows the end, says when, and offers the recording, which plays', async () => {
    await page.goto(url)
    await playsTo(page, 1)
    await engines.end()
    await isState('ended')
    await isSaid('The programme ended at ')
    await fits()
    assert.match((await texts())['state-text'], /^Ended at /)
    const href = await page.evaluate(() => document.querySelector('#recording:not([hidden])').href)
    assert.match(href, /\/recording\/encoder(-\d+)?\.mp4$/)
    await page.goto(href)
    await playsTo(page, 1)
  })

  it('says so when the machine never answers', async () => {
    await page.setRequestInterception(true)
    page.on('request', (request) => { if (request.url().endsWith('state.json')) request.abort(); else request.continue() })
    await page.goto(url)
    await isState('lost')
    await isSaid('The machine does not answer')
  })
})
