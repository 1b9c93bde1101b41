'use strict'

const fs = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const { pathToFileURL } = require('node:url')

const PACKAGES = path.join(__dirname, '../../../../tools/screenshots/package.json')
const hasBrowser = process.arch === 'x64' && fs.existsSync(path.join(path.dirname(PACKAGES), 'node_modules'))
/** For a test's `skip`. */
const noBrowser = hasBrowser ? false : 'needs the packages of tools/screenshots, on x86_64'

/** A real Chromium, of the packages of tools/screenshots. Whoever asks closes it. */
async function launchBrowser () {
  const from = createRequire(PACKAGES)
  const [chromium, puppeteer] = await Promise.all(['@sparticuz/chromium', 'puppeteer-core'].map(async (name) => (await import(pathToFileURL(from.resolve(name)))).default))
  return puppeteer.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: 'shell' })
}

/** The video of a page has come so far (s). */
function playsTo (page, second, timeout = 30_000) {
  return page.waitForFunction((position) => document.querySelector('video')?.currentTime >= position, { timeout, polling: 100 }, second)
}

/** [red, green, blue] in the middle of each of so many upright bars of the next picture of a page's video, a quarter of its height down. */
function barsOf (page, count) {
  return page.evaluate(async (bars) => {
    const video = document.querySelector('video')
    // Its time goes on before there is a picture.
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve))
    const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight })
    const context = canvas.getContext('2d', { colorSpace: 'srgb' })
    context.drawImage(video, 0, 0)
    return Array.from({ length: bars }, (_, bar) =>
      [...context.getImageData(Math.floor((bar + 0.5) * canvas.width / bars), Math.floor(canvas.height / 4), 1, 1).data.slice(0, 3)])
  }, count)
}

/** What axe finds wrong with a page for people who see, hear or point otherwise: WCAG 2.2, A and AA, and good practice. */
async function barriers (page) {
  const { source } = createRequire(PACKAGES)('axe-core')
  await page.evaluate(source)
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`)
}

module.exports = { barriers, barsOf, launchBrowser, noBrowser, playsTo }
