'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { test } = require('node:test')
const { SourceTrouble } = require('../../../engine/sources/ingest/source-trouble')
const { eventually } = require('../../../test-support/eventually')
const { freeUdpPort, withSourceOnAir } = require('../../../test-support/live-source')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')

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

test('more comes than the machine decodes: that is told, not that nobody sends', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slow-'))
  const slow = path.join(folder, 'ffmpeg')
  fs.writeFileSync(slow, `#!/bin/sh\ncase "$*" in *pipe:0*) slow="-readrate 0.2" ;; esac\nexec "${realFfmpeg()}" $slow "$@"\n`, { mode: 0o755 })
  const port = await freeUdpPort('127.0.0.1')
  try {
    await withSourceOnAir(slow, { kind: 'rtp', address: '127.0.0.1', port }, { width: 128, height: 72, frameRate: 25 }, {}, async (air, send) => {
      send({ args: ['-muxrate', '40M', '-f', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`] })
      await eventually('it is told', () => air.troubles.length > 0, 20)
      assert.match(air.troubles[0], /^MachineTooSlow: the machine does not keep up with its sources\. Take a larger instance type/)
      await eventually('it goes on with what is new', () => air.state === 'live', 10)
    })
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})
