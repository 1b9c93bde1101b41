'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { findChains } = require('../lib/graph')
const { readFormat, readPart } = require('../lib/part')

const FOLDER = path.join(__dirname, '..', 'examples')
const OWN = Object.keys(require('../package.json')['node-red'].nodes)
const OF_NODE_RED = ['tab', 'inject']

for (const file of fs.readdirSync(FOLDER)) {
  test(`the example "${path.parse(file).name}" can be deployed as it is`, () => {
    const nodes = JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'))
    assert.deepEqual(nodes.map(({ type }) => type).filter((type) => ![...OWN, ...OF_NODE_RED].includes(type)), [])
    const formats = new Map(nodes.filter(({ type }) => type === 'media-format').map((node) => [node.id, readFormat(node)]))
    const parts = nodes.filter(({ type }) => OWN.includes(type) && type !== 'media-format')
      .map((node) => readPart(node, { format: formats.get(node.format), passphrase: '' }))
    const chains = findChains(parts)
    assert.equal(chains.length, 1)
    assert.deepEqual(chains[0].faults, [])
  })
}
