'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, describe, it } = require('node:test')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { conformed, makeIngest, realTime } = require('../../../test-support/measuring/conformed')
const { eventually } = require('../../../test-support/eventually')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { make } = require('../../../test-support/samples')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bad-'))
after(() => fs.rmSync(folder, { recursive: true }))

const PRODUCTION = { width: 64, height: 36, frameRate: 25 }
const PICTURES = ['-f', 'lavfi', '-i', 'testsrc=size=64x36:rate=25:duration=4']
const SOUND = ['-f', 'lavfi', '-i', 'sine=duration=4']
const H264 = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264']
const at = (name) => path.join(folder, name)

function isRunning (pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** An ingest at work; `see(source, look)` ends it whatever `look` does, and holds that nothing of it is left. */
async function see (source, look, how = {}) {
  const { ingest, synchroniser, close } = makeIngest({ name: 'a/b: c', ...source }, new PictureFormat(PRODUCTION), { ffmpegPath, ...how })
  const [troubles, pids] = [[], new Set()]
  ingest.on('trouble', (text) => troubles.push(text))
  ingest.on('change', () => pids.add(ingest.pid))
  ingest.start()
  try {
    await look(ingest, { troubles, synchroniser })
    pids.add(ingest.pid)
  } finally {
    assert.deepEqual(await close(), { inUse: 0, left: [] })
  }
  for (const pid of pids) assert.ok(pid === null || !isRunning(pid), `process ${pid} is left`)
  return troubles
}

describe('bad files', { concurrency: 2 }, () => {
  const whole = make(ffmpegPath, [...PICTURES, ...SOUND, ...H264, at('whole.mp4')])
  fs.writeFileSync(at('truncated.mp4'), fs.readFileSync(whole).subarray(0, 20_000))
  fs.writeFileSync(at('text.mkv'), 'no video at all\n'.repeat(100))
  fs.writeFileSync(at('empty.mkv'), '')
  fs.writeFileSync(at('playlist.m3u8'), '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://169.254.169.254/latest/x.ts\n#EXT-X-ENDLIST\n')
  make(ffmpegPath, [...SOUND, at('sound.m4a')])
  make(ffmpegPath, [...PICTURES, '-frames:v', '1', at('cover.png')])
  make(ffmpegPath, [...SOUND, '-i', at('cover.png'), '-map', '0', '-map', '1', '-c:v', 'copy', '-disposition:v:0', 'attached_pic', at('cover.mp4')])

  for (const [name, location, reason] of [
    ['missing', 'nothing.mp4', 'SourceMissing'],
    ['a folder', '', 'SourceUnreadable'],
    ['truncated, its index missing', 'truncated.mp4', 'SourceTruncated'],
    ['no video at all', 'text.mkv', 'SourceUnreadable'],
    ['empty', 'empty.mkv', 'SourceUnreadable'],
    ['sound only', 'sound.m4a', 'NoPictures'],
    ['sound with a cover', 'cover.mp4', 'NoPictures'],
    ['a playlist that names the metadata address', 'playlist.m3u8', 'SourceRefused']
  ]) {
    it(`${name}: ${reason}, told once`, async () => {
      const troubles = await see({ kind: 'file', location: at(location) }, async (ingest) => {
        await eventually('two attempts', () => ingest.restarts >= 2 && ingest.state === 'waiting', 5)
        assert.equal(ingest.reason, reason, ingest.lastError)
        assert.match(ingest.lastError, new RegExp(`^${reason}: .*\\. `))
        assert.equal(ingest.pid, null)
      })
      assert.equal(troubles.length, 1, troubles)
    })
  }

  it('attempts come at 0.2 s, then twice as late each time, 2 s at most', async () => {
    const pauses = []
    const fast = { ...realTime, setTimeout: (action, ms) => { if (ms >= 200) pauses.push(ms); return setTimeout(action, ms / 20) } }
    await see({ kind: 'file', location: at('nothing.mp4') }, (ingest) => eventually('six attempts', () => pauses.length >= 6), { time: fast })
    assert.deepEqual(pauses.slice(0, 6), [200, 400, 800, 1600, 2000, 2000])
  })

  it('a file that comes late plays', async () => {
    await see({ kind: 'file', location: at('late.mp4') }, async (ingest) => {
      await eventually('missing', () => ingest.reason === 'SourceMissing')
      fs.renameSync(fs.cpSync(whole, at('late.part')) ?? at('late.part'), at('late.mp4'))
      await eventually('plays', () => ingest.state === 'arriving', 5)
      assert.equal(ingest.reason, null)
    })
  })

  it('one picture only: it is shown, and that is said', async () => {
    make(ffmpegPath, [...PICTURES, '-frames:v', '1', ...H264, at('one.mp4')])
    const { pictures, notice, state, inUse } = await conformed({ kind: 'file', location: at('one.mp4') }, PRODUCTION, { ffmpegPath })
    assert.equal(state, 'ended')
    assert.match(notice, /one picture only/)
    assert.ok(pictures.length >= 1)
    assert.equal(inUse, 0)
  })

  it('one picture only, looped: it plays on', async () => {
    make(ffmpegPath, [...PICTURES, '-frames:v', '1', ...H264, at('loop.mp4')])
    const { pictures, state } = await conformed({ kind: 'file', location: at('loop.mp4'), looped: true }, PRODUCTION, { ffmpegPath, ticks: 100 })
    assert.equal(state, 'arriving')
    assert.equal(pictures.length, 100)
  })

  it('killed with -9: it plays again; stopped: it is killed and plays again', async () => {
    await see({ kind: 'file', location: whole, looped: true }, async (ingest, { synchroniser }) => {
      const samples = new Float32Array(2 * 1920)
      const timer = setInterval(() => { synchroniser.tick(samples); ingest.tick() }, 40)
      try {
        for (const [signal, restarts] of [['SIGKILL', 1], ['SIGSTOP', 2]]) {
          await eventually('plays', () => ingest.state === 'arriving', 3)
          const { pid } = ingest
          process.kill(pid, signal)
          await eventually(`${signal} is seen`, () => ingest.restarts === restarts, 3)
          await eventually('plays again', () => ingest.state === 'arriving' && ingest.pid !== pid, 3)
        }
      } finally {
        clearInterval(timer)
      }
    })
  })

  it('killed with -9: a file goes on where it was', async () => {
    await see({ kind: 'file', location: whole }, async (ingest, { synchroniser }) => {
      const samples = new Float32Array(2 * 1920)
      let fresh = 0
      const timer = setInterval(() => { fresh += synchroniser.tick(samples).isFresh ? 1 : 0; ingest.tick() }, 10)
      try {
        await eventually('half of it', () => fresh >= 50, 3)
        process.kill(ingest.pid, 'SIGKILL')
        await eventually('its end', () => ingest.state === 'ended' && synchroniser.depth === 0, 5)
        assert.ok(fresh >= 85 && fresh <= 105, `${fresh} pictures of 100`)
      } finally {
        clearInterval(timer)
      }
    })
  })

  it('no FFmpeg: that is said', () => see({ kind: 'file', location: whole }, async (ingest) => {
    await eventually('an attempt', () => ingest.restarts > 0)
    assert.match(ingest.lastError, /ENOENT/)
  }, { ffmpegPath: at('no-ffmpeg') }))
})
