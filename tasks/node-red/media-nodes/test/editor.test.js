'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const vm = require('node:vm')
const { rules } = require('../resources/media-values')

const NODES = path.join(__dirname, '..', 'nodes')
const VALUES = fs.readFileSync(path.join(__dirname, '..', 'resources', 'media-values.js'), 'utf8')
const TYPES = Object.keys(require('../package.json')['node-red'].nodes)

/** Run a node's editor page as the editor would, and give what it registers. */
function openPage (type) {
  const html = fs.readFileSync(path.join(NODES, `${type}.html`), 'utf8')
  const registered = {}
  const window = {}
  const $ = () => ({ val: () => undefined })
  const context = vm.createContext({ window, structuredClone, $, RED: { nodes: { registerType: (name, definition) => { registered[name] = definition } } } })
  vm.runInContext(VALUES, context)
  context.organistMedia = window.organistMedia
  vm.runInContext(/<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)[1], context)
  return { html, definition: registered[type] }
}

test('every type of the package has rules and files', () => {
  assert.deepEqual(TYPES.toSorted(), Object.keys(rules).toSorted())
})

for (const type of TYPES) {
  test(`${type}: what is new in the palette is right as it stands, and each property has a field, a rule and help`, () => {
    const { html, definition } = openPage(type)
    const isConfig = definition.category === 'config'
    const defaults = Object.fromEntries(Object.entries(definition.defaults).map(([property, { value }]) => [property, value]))
    for (const [property, { value, validate }] of Object.entries(definition.defaults)) {
      assert.ok(html.includes(`id="node-${isConfig ? 'config-' : ''}input-${property}"`), `a field for ${property}`)
      if (property in rules[type]) assert.equal(typeof validate, 'function', property)
      if (validate && property !== 'address') assert.equal(validate.call(defaults, value, {}), true, property)
    }
    for (const property of Object.keys(rules[type])) assert.ok(property in definition.defaults, property)
    for (const name of Object.keys(definition.credentials ?? {})) assert.ok(html.includes(`id="node-input-${name}"`))
    assert.match(html, new RegExp(`data-help-name="${type}">\\s*<p>`))
    assert.equal(typeof definition.label.call({ ...defaults, name: 'my name' }), 'string')
    if (!isConfig) assert.deepEqual([definition.category, definition.icon.split('/')[0]], ['media', 'font-awesome'])
  })
}

test('a wrong value is told in the form with what would be right', () => {
  const { definition } = openPage('media-encoder')
  assert.equal(definition.defaults.bitRate.validate('12', {}), 'bitRate must be a whole number from 100000 to 100000000 bit/s')
  assert.equal(definition.defaults.bitRate.validate('12'), false)
})
