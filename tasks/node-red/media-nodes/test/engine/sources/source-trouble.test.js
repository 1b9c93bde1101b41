'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { SourceTrouble } = require('../../../engine/sources/ingest/source-trouble')

const SIGNATURE = 'X-Signature=0123456789'

test('a query of an address is hidden where it stands in it, whatever its length', () => {
  for (const query of ['1', 'a=b', SIGNATURE]) {
    const location = `https://host/film.mp4?${query}`
    const trouble = new SourceTrouble({ location })
    assert.equal(trouble.tell(`${location} does not answer`, 'SourceSlow'), 'https://host/film.mp4?*** does not answer')
    trouble.note(`${location} is slow`)
    assert.equal(trouble.notice, 'https://host/film.mp4?*** is slow')
  }
})

test('as a word a long one is hidden, and a short one makes nothing else unreadable', () => {
  assert.equal(new SourceTrouble({ location: 'https://host/film.mp4?1' }).tell('host does not give it (401)', 'SourceForbidden'), 'host does not give it (401)')
  assert.equal(new SourceTrouble({ location: `https://host/film.mp4?${SIGNATURE}` }).tell(`${SIGNATURE} is old`, 'SourceForbidden'), '*** is old')
})

test('passphrases and stream keys are hidden, whatever their length', () => {
  assert.equal(new SourceTrouble({ passphrase: 'abc', streamKey: 'xyz' }).tell('abc, xyz', 'SourceFailed'), '***, ***')
})
