/** Takes a picture of a page on which a video plays: node take.mjs URL FILE.jpg SECONDS-OF-THE-VIDEO */

import chromium from '@sparticuz/chromium'
import puppeteer from 'puppeteer-core'

const size = { width: 1000, height: 660 }
const waitMs = 60_000
const [url, file, seconds] = process.argv.slice(2)

const browser = await puppeteer.launch({
  executablePath: await chromium.executablePath(),
  args: chromium.args,
  headless: 'shell',
  defaultViewport: size
})
try {
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction(
    (position) => document.querySelector('video')?.currentTime >= position,
    { timeout: waitMs, polling: 100 },
    Number(seconds)
  )
  await page.screenshot({ path: file, type: 'jpeg', quality: 80 })
} finally {
  await browser.close()
}
