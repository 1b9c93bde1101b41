/**
 * What a real browser shows of an HLS stream: node canvas-colours.mjs URL SECOND COUNT prints, as JSON, [red, green, blue] in the middle of
 * each of COUNT upright bars, once the video has come so far. Needs the packages of tools/screenshots; x86_64 only.
 */

import { createRequire } from 'node:module'

const require = createRequire(new URL('../../../../../tools/screenshots/package.json', import.meta.url))
const { default: chromium } = await import(require.resolve('@sparticuz/chromium'))
const { default: puppeteer } = await import(require.resolve('puppeteer-core'))

const WAIT_MS = 30_000
const [url, second, count] = process.argv.slice(2)
const browser = await puppeteer.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: 'shell' })
try {
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction((position) => document.querySelector('video')?.currentTime >= position, { timeout: WAIT_MS, polling: 100 }, Number(second))
  const colours = await page.evaluate((bars) => {
    const video = document.querySelector('video')
    const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight })
    const context = canvas.getContext('2d', { colorSpace: 'srgb' })
    context.drawImage(video, 0, 0)
    return Array.from({ length: bars }, (_, bar) =>
      [...context.getImageData(Math.floor((bar + 0.5) * canvas.width / bars), Math.floor(canvas.height / 4), 1, 1).data.slice(0, 3)])
  }, Number(count))
  console.log(JSON.stringify(colours))
} finally {
  await browser.close()
}
