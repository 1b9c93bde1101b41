'use strict'

const assert = require('node:assert/strict')
const { after, beforeEach, test } = require('node:test')
const { eventually } = require('../../test-support/eventually')
const { KeptEngines } = require('../../test-support/kept-engines')
const { realFfmpeg } = require('../../test-support/real-ffmpeg')

process.env.FFMPEG_PATH = realFfmpeg()
const told = []
const engines = new KeptEngines((text) => told.push(text))
after(() => engines.end())
beforeEach(() => told.splice(0))

const define = ({ frameRate = 25, colours = ['#000000'] } = {}) => ({
  name: 'mixer',
  format: { width: 128, height: 72, frameRate },
  sources: colours.map((colour, index) => ({ name: `source ${index + 1}`, kind: 'pattern', pattern: 'colour', colour })),
  beginsWithSource: false,
  encoders: []
})
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const answers = () => eventually('the engine answers', () => engines.command('mixer', { command: 'state' }).catch(() => null))

test('two starts of one key at once, by definitions that exclude each other, leave one engine', async () => {
  await engines.start('mixer', define())
  await answers()
  const answered = await Promise.all([50, 30].map((frameRate) => engines.start('mixer', define({ frameRate }))))
  const [{ pid }] = await engines.list()
  assert.equal(answered.at(-1).pid, pid, 'the last one that was asked for')
  await answers()
  await engines.stop('mixer')
  await eventually('all are gone', () => answered.every((one) => !isAlive(one.pid)))
  assert.deepEqual(await engines.list(), [])
  assert.deepEqual(told, [], 'none of them took the files of another')
})

test('many deploys of one engine leave nothing behind in the supervisor', async () => {
  const warnings = []
  const warned = ({ name }) => warnings.push(name)
  process.on('warning', warned)
  const { pid } = await engines.start('mixer', define())
  await answers()
  for (let deploy = 0; deploy < 15; deploy++) {
    const answer = await engines.start('mixer', define({ colours: [`#0000${10 + deploy}`] }))
    assert.equal(answer.pid, pid)
  }
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', warned)
  assert.deepEqual(warnings, [])
  await engines.stop('mixer')
})

test('an engine that cannot be started is tried again, and its keeper lives', async () => {
  const node = process.execPath
  process.execPath = '/nowhere/node'
  try {
    assert.deepEqual(await engines.start('mixer', define()), { pid: null, restarts: 0 })
    await eventually('it is tried again', () => told.length >= 2)
    assert.match(told[0], /ended before it began: .*ENOENT.* and is started again/)
  } finally {
    process.execPath = node
  }
  await answers()
  await engines.stop('mixer')
})

test('once all is being ended, no engine is started', async () => {
  const kept = new KeptEngines()
  await kept.end()
  await assert.rejects(kept.start('mixer', define()), /everything is being ended/)
})
