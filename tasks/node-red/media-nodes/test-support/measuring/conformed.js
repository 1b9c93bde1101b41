'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { FrameSynchroniser } = require('../../engine/sources/frame-synchroniser')
const { Ingest } = require('../../engine/sources/ingest/ingest')
const { PictureFormat } = require('../../engine/pictures/picture-format')
const { PicturePool } = require('../../engine/pictures/picture-pool')

const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf'
const realTime = { now: () => performance.now(), setTimeout: (action, ms) => setTimeout(action, ms), clearTimeout }

/** An ingest with its synchroniser, pool and folder, as a source has them; `close()` ends it and gives the pictures still held. */
function makeIngest (source, format, { ffmpegPath, time = realTime, ...more }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ingest-'))
  const pool = new PicturePool(format.pictureBytes)
  const synchroniser = new FrameSynchroniser(format.rate, { isLive: ['srt', 'rtp', 'rtmp'].includes(source.kind) })
  const ingest = new Ingest(source, { ffmpegPath, format, folder, font: FONT, pool, ...more }, { synchroniser, pool }, time)
  async function close () {
    await ingest.stop()
    synchroniser.close()
    const left = fs.readdirSync(folder)
    fs.rmSync(folder, { recursive: true })
    return { inUse: pool.inUse, left }
  }
  return { ingest, synchroniser, pool, close }
}

/**
 * What comes out of the real ingest and synchroniser, as fast as it comes.
 *
 * @param {object} source of a definition
 * @param {object} production `width`, `height`, `frameRate`
 * @param {object} how `ffmpegPath`, `ticks` (at most so many)
 * @returns {Promise<{pictures: Buffer[], sound: Float32Array, format: PictureFormat, ingest: Ingest}>} fresh pictures only
 */
async function conformed (source, production, { ticks = Infinity, ...place }) {
  const format = new PictureFormat(production)
  const { ingest, synchroniser, close } = makeIngest({ name: 'sample', ...source }, format, place)
  const [pictures, heard] = [[], []]
  try {
    ingest.start()
    const deadline = Date.now() + 10_000
    let number = 0
    while (pictures.length < ticks && !(ingest.state === 'ended' && synchroniser.depth === 0)) {
      if (Date.now() > deadline) throw new Error(`only ${pictures.length} pictures came: ${ingest.state}, ${ingest.lastError}`)
      // So many wait while a source plays on air; their sound has to be there by then.
      if (synchroniser.depth < 4 && ingest.state !== 'ended') {
        await new Promise((resolve) => setTimeout(resolve, 1))
        ingest.tick()
        continue
      }
      const samples = new Float32Array(2 * (format.rate.samplesUpTo(number + 1) - format.rate.samplesUpTo(number)))
      const { picture, isFresh } = synchroniser.tick(samples)
      number += 1
      heard.push(samples)
      if (isFresh) pictures.push(Buffer.from(picture.bytes))
      ingest.tick()
    }
  } catch (error) {
    await close()
    throw error
  }
  const sound = new Float32Array(heard.reduce((sum, { length }) => sum + length, 0))
  heard.reduce((at, samples) => { sound.set(samples, at); return at + samples.length }, 0)
  const { state } = ingest
  const { inUse } = await close()
  return { pictures, sound, format, inUse, lastError: ingest.lastError, notice: ingest.notice, state }
}

module.exports = { conformed, makeIngest, realTime, FONT }
