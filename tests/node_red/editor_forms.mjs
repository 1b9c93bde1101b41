/**
 * What Node-RED's editor shows of media nodes in a real browser, as JSON: node editor_forms.mjs URL TYPE…, with the user's password in the
 * environment. Needs the packages of tools/screenshots; Linux on x86_64 only.
 */

import { createRequire } from 'node:module'

const require = createRequire(new URL('../../tools/screenshots/package.json', import.meta.url))
const { default: chromium } = await import(require.resolve('@sparticuz/chromium'))
const { default: puppeteer } = await import(require.resolve('puppeteer-core'))

const WAIT = { timeout: 20_000 }
const [url, ...types] = process.argv.slice(2)
const browser = await puppeteer.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: 'shell' })
try {
  const page = await browser.newPage()
  const errors = []
  page.on('pageerror', ({ message }) => errors.push(message))
  await page.setExtraHTTPHeaders({ 'Accept-Language': 'en-US' })
  await page.goto(url)
  await page.waitForSelector('#node-dialog-login-username', { visible: true, ...WAIT })
  await page.type('#node-dialog-login-username', 'operator')
  await page.type('#node-dialog-login-password', process.env.OPERATOR_PASSWORD)
  await page.click('#node-dialog-login-submit')
  await page.waitForFunction((last) => window.RED?.nodes?.getType?.(last) && window.RED.workspaces.active(), WAIT, types.at(-1))
  const shown = {}
  for (const type of types) {
    const wanted = await page.evaluate((type) => {
      const { RED } = window
      const definition = RED.nodes.getType(type)
      const isConfig = definition.category === 'config'
      const properties = Object.fromEntries(Object.entries(definition.defaults).map(([name, { value }]) => [name, value]))
      const [node] = RED.nodes.import([{ id: RED.nodes.id(), type, ...properties, ...(isConfig ? {} : { x: 100, y: 100, z: RED.workspaces.active(), wires: [] }) }]).nodes
      if (isConfig) RED.editor.editConfig('', type, node.id)
      else RED.editor.edit(node)
      return {
        palette: isConfig ? null : definition.paletteLabel.call(definition),
        label: definition.label.call({ ...node, name: '' }),
        ports: ['inputLabels', 'outputLabels'].map((labels) => definition[labels]?.call(node, 0) ?? null),
        help: RED.nodes.getNodeHelp(type)
      }
    }, type)
    const form = `#node-${wanted.palette === null ? 'config-' : ''}input-name`
    await page.waitForSelector(`.red-ui-tray ${form}`, { visible: true, ...WAIT })
    shown[type] = {
      ...wanted,
      texts: await page.$$eval(`.red-ui-tray form [data-i18n*="${type}."]`, (elements) => elements.map(({ textContent, placeholder }) => placeholder || textContent))
    }
    await page.evaluate(() => new Promise((resolve) => window.RED.tray.close(resolve)))
  }
  console.log(JSON.stringify({ errors, shown }))
} finally {
  await browser.close()
}
