'use strict'

// Draws a Vega panel as Kibana does: an answer in place of each query, then Vega itself. Its specification, the answer, the moment (ms), the
// panel's size and the wanted data come as JSON on stdin; the rows of those data and every text that is drawn go to stdout.

const vega = require('vega')

/** Kibana 9's: https://github.com/elastic/kibana/pull/220909 */
const MAJOR = '5.'

async function main () {
  if (!vega.version.startsWith(MAJOR)) throw new Error(`Vega is ${vega.version}; expected Kibana's own, ${MAJOR}x.`)
  const { spec, answer, now, width, height, wanted } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
  for (const data of spec.data.filter(({ url }) => url)) {
    delete data.url
    data.values = answer
  }
  // Kibana sets these, where the specification does not.
  const whole = { autosize: { type: 'fit', contains: 'padding' }, width, height, ...spec }
  whole.signals.find(({ name }) => name === 'now').init = String(now)
  const view = new vega.View(vega.parse(whole), { renderer: 'none', logger: vega.logger(vega.Warn, undefined, complain) })
  await view.runAsync()
  const svg = await view.toSVG()
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text).filter(Boolean)
  const rows = (name) => view.data(name).map((row) => ({ ...row }))
  process.stdout.write(JSON.stringify({ ...Object.fromEntries(wanted.map((name) => [name, rows(name)])), texts }))
}

/** A warning is a fault of the specification. */
function complain (method, level, messages) {
  throw new Error(messages.join(' '))
}

main()
