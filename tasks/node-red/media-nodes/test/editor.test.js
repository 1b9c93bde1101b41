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

const LOCALES = path.join(NODES, 'locales', 'en-US')
const read = (...names) => fs.readFileSync(path.join(...names), 'utf8')
const catalogueOf = (type) => JSON.parse(read(LOCALES, `${type}.json`))
/** A text of a catalogue as i18next finds it; undefined without one. */
const textOf = (catalogue, key) => key.split('.').reduce((at, name) => at?.[name], catalogue)
/** Every key of a catalogue. */
const keysOf = (at, path = []) => Object.entries(at).flatMap(([name, value]) => typeof value === 'string' ? [[...path, name].join('.')] : keysOf(value, [...path, name]))

/** Run a node's editor page as the editor would, and give what it registers. */
function openPage (type) {
  const html = read(NODES, `${type}.html`)
  const registered = {}
  const window = {}
  const $ = () => ({ val: () => undefined })
  const context = vm.createContext({ window, structuredClone, $, RED: { nodes: { registerType: (name, definition) => { registered[name] = definition } } } })
  vm.runInContext(VALUES, context)
  context.organistMedia = window.organistMedia
  vm.runInContext(/<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)[1], context)
  // As the editor's: what stands between __ and __ is given.
  registered[type]._ = (key, given = {}) => textOf(catalogueOf(type), key).replace(/__(\w+)__/g, (_, name) => given[name])
  return { html, definition: registered[type] }
}

test('every type of the package has rules and files', () => {
  assert.deepEqual(TYPES.toSorted(), Object.keys(rules).toSorted())
})

/** What has no value that would be right as it stands. */
const ONLY_A_PERSON_KNOWS = new Set(['address', 'url', 'keySecret'])

for (const type of TYPES) {
  test(`${type}: what is new in the palette is right as it stands, and each property has a field, a rule and help`, () => {
    const { html, definition } = openPage(type)
    const isConfig = definition.category === 'config'
    const defaults = Object.fromEntries(Object.entries(definition.defaults).map(([property, { value }]) => [property, value]))
    for (const [property, { value, validate }] of Object.entries(definition.defaults)) {
      assert.ok(html.includes(`id="node-${isConfig ? 'config-' : ''}input-${property}"`), `a field for ${property}`)
      if (property in rules[type]) assert.equal(typeof validate, 'function', property)
      if (validate && !ONLY_A_PERSON_KNOWS.has(property)) assert.equal(validate.call(defaults, value, {}), true, property)
    }
    for (const property of Object.keys(rules[type])) assert.ok(property in definition.defaults, property)
    for (const name of Object.keys(definition.credentials ?? {})) assert.ok(html.includes(`id="node-input-${name}"`))
    assert.match(read(LOCALES, `${type}.html`), new RegExp(`^<script type="text/html" data-help-name="${type}">\\s*<p>`))
    const { _ } = definition
    assert.equal(definition.label.call({ ...defaults, _, name: 'my name' }), 'my name')
    assert.match(definition.label.call({ ...defaults, _, address: '10.0.0.1' }), /^[\w ,./-]+$/)
    if (!isConfig) assert.deepEqual([definition.category, definition.icon.split('/')[0]], ['media', 'font-awesome'])
  })
}

/** The keys that a page names: of its form, and of its script. */
function namedKeys (html) {
  const inForm = [...html.matchAll(/data-i18n="(?:\[placeholder\])?([^"]+)"/g)]
  const inScript = [...html.matchAll(/\b_\('([^']+)'/g)]
  return [...inForm, ...inScript].map(([, key]) => key)
}

for (const type of TYPES) {
  test(`${type}: every text is in the catalogue, none of it for nothing, and none stands in the form`, () => {
    const html = read(NODES, `${type}.html`)
    const catalogue = catalogueOf(type)
    for (const key of namedKeys(html)) assert.equal(typeof textOf(catalogue, key), 'string', key)
    assert.deepEqual(keysOf(catalogue).toSorted(), [...new Set(namedKeys(html))].toSorted())
    const form = /data-template-name="[^"]+">([\s\S]*?)<\/script>/.exec(html)[1]
    assert.equal(form.replace(/<[^>]*>/g, '').trim(), '')
    assert.doesNotMatch(form, / (placeholder|title)="/)
    assert.doesNotMatch(html, /data-help-name/)
    for (const port of ['input', 'output']) assert.equal(`${port}Labels` in openPage(type).definition, port in catalogue[type], port)
  })
}

test('the npm package and the container image carry the texts', () => {
  const { files } = require('../package.json')
  assert.ok(files.includes('nodes/'))
  const image = read(__dirname, '..', '..', '.dockerignore').split('\n')
  assert.ok(image.includes('!media-nodes/nodes'))
  assert.deepEqual(fs.readdirSync(LOCALES).toSorted(), TYPES.flatMap((type) => [`${type}.html`, `${type}.json`]).toSorted())
})

test('a wrong value is told in the form with what would be right', () => {
  const { definition } = openPage('media-encoder')
  assert.equal(definition.defaults.bitRate.validate('12', {}), 'bitRate must be a whole number from 100000 to 100000000 bit/s')
  assert.equal(definition.defaults.bitRate.validate('12'), false)
})
