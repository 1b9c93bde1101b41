/**
 * What a real browser makes of a page at three sizes, as JSON: node page_at_sizes.mjs URL SELECTOR. Waits until SELECTOR is visible.
 * Needs the packages of tools/screenshots; Linux on x86_64 only.
 */

import { createRequire } from 'node:module'

const require = createRequire(new URL('../../tools/screenshots/package.json', import.meta.url))
const { default: chromium } = await import(require.resolve('@sparticuz/chromium'))
const { default: puppeteer } = await import(require.resolve('puppeteer-core'))

const SIZES = [[390, 844], [820, 1180], [1440, 900]]
const WAIT_MS = 20_000
const [url, selector] = process.argv.slice(2)
const browser = await puppeteer.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: 'shell' })
try {
  const seen = []
  for (const [width, height] of SIZES) {
    const page = await browser.newPage()
    const errors = []
    page.on('pageerror', ({ message }) => errors.push(message))
    await page.setViewport({ width, height })
    await page.goto(url)
    await page.waitForSelector(selector, { visible: true, timeout: WAIT_MS }).catch(({ message }) => errors.push(message))
    const found = await page.evaluate(() => ({
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      charts: document.querySelectorAll('canvas').length,
      text: document.body.innerText
    }))
    seen.push({ width, errors, ...found })
    await page.close()
  }
  console.log(JSON.stringify(seen))
} finally {
  await browser.close()
}
