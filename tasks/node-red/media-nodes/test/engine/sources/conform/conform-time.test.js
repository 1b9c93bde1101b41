'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, describe, it } = require('node:test')
const { realFfmpeg } = require('../../../../test-support/real-ffmpeg')
const { conformed } = require('../../../../test-support/measuring/conformed')
const { make } = require('../../../../test-support/samples')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'time-'))
after(() => fs.rmSync(folder, { recursive: true }))

const PRODUCTION = { width: 64, height: 36, frameRate: 25 }
const SECONDS = 2
/** Luma is the time: one level is 10 ms. */
const [LEAST, LEVELS] = [16, 100]
const TIME = `geq=lum='${LEAST}+${LEVELS}*T':cb=128:cr=128`
let made = 0
const file = (extension) => path.join(folder, `${made++}.${extension}`)

/** Pictures that show their own time, at a rate; `filters` leave some out. */
function timed (rate, { filters = '', seconds = SECONDS, extension = 'mkv', args = ['-c:v', 'ffv1'] } = {}) {
  return make(ffmpegPath, [
    '-f', 'lavfi', '-i', `color=color=black:size=64x36:rate=${rate}:duration=${seconds},${TIME}${filters},format=yuv420p`, '-fps_mode', 'passthrough', '-enc_time_base', '1/90000',
    ...args, file(extension)
  ])
}

/** What time each picture shows that comes out, s. */
async function times (location, production = PRODUCTION) {
  const { pictures, format, lastError } = await conformed({ kind: 'file', location }, production, { ffmpegPath })
  assert.ok(pictures.length > 0, lastError)
  return pictures.map((bytes) => (bytes[18 * format.width + 32] - LEAST) / LEVELS)
}

/** Every picture shows the source's time within a picture of either rate, and no time passes twice as fast. */
function assertInTime (seen, production, sourceRate) {
  const { frameRate } = production
  assert.ok(Math.abs(seen.length - SECONDS * frameRate) <= 2, `${seen.length} pictures in ${SECONDS} s at ${frameRate}`)
  seen.forEach((time, number) => assert.ok(
    Math.abs(time - number / frameRate) <= Math.max(1 / sourceRate, 1 / frameRate) + 0.011, `picture ${number} at ${frameRate}/s shows ${time} s`
  ))
}

describe('rates', { concurrency: 2 }, () => {
  for (const [name, rate] of [['23.976', '24000/1001'], ['24', '24'], ['25', '25'], ['29.97', '30000/1001'], ['30', '30'], ['50', '50'], ['59.94', '60000/1001'], ['60', '60']]) {
    it(`${name} in a production of 25`, async () => assertInTime(await times(timed(rate)), PRODUCTION, Number(name)))
    it(`25 in a production of ${name}`, async () => {
      const production = { ...PRODUCTION, frameRate: Number(name) }
      assertInTime(await times(timed('25'), production), production, 25)
    })
  }

  it('the production\'s own rate: every picture once', async () => {
    const seen = await times(timed('25'))
    seen.forEach((time, number) => assert.ok(Math.abs(time - number / 25) <= 0.011, `picture ${number} shows ${time}`))
  })

  it('a variable rate: a picture stays until the next one\'s time', async () => {
    const seen = await times(timed('50', { filters: ",select='lt(t,0.5)+between(t,1,1.2)+gt(t,1.5)'" }))
    const expected = (time) => time < 0.5 ? time : time < 1 ? 0.48 : time <= 1.2 ? time : time < 1.5 ? 1.2 : time
    assert.ok(seen.length >= 49 && seen.length <= 51, `${seen.length} pictures`)
    seen.forEach((time, number) => assert.ok(Math.abs(time - expected(number / 25)) <= 0.05, `picture ${number} shows ${time}`))
  })
})

describe('timestamps', { concurrency: 2 }, () => {
  const TS = { extension: 'ts', args: ['-c:v', 'libx264', '-qp', '0', '-bf', '0', '-g', '10'] }

  it('that start far from zero', async () => {
    const location = timed('25', { ...TS, args: [...TS.args, '-output_ts_offset', '50000'] })
    assertInTime(await times(location), PRODUCTION, 25)
  })

  it('that pass the end of what MPEG-TS counts to (26.5 hours)', async () => {
    const location = timed('25', { ...TS, args: [...TS.args, '-output_ts_offset', String(2 ** 33 / 90_000 - 2.4)] })
    assertInTime(await times(location), PRODUCTION, 25)
  })

  for (const [name, offsets] of [['forward', [0, 20_000]], ['back', [20_000, 0]]]) {
    it(`that jump ${name} by hours`, async () => {
      const location = file('ts')
      fs.writeFileSync(location, Buffer.concat(offsets.map((offset) =>
        fs.readFileSync(timed('25', { ...TS, seconds: 1, args: [...TS.args, '-output_ts_offset', String(offset)] })))))
      const seen = await times(location)
      assert.ok(Math.abs(seen.length - 50) <= 3, `${seen.length} pictures`)
      assert.ok(Math.abs(seen.at(-1) - 0.96) <= 0.011, `the last shows ${seen.at(-1)}`)
    })
  }
})
