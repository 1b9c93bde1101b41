'use strict'

const fs = require('node:fs/promises')
const path = require('node:path')
const { codecNames } = require('./codec-name')
const { PLAYLIST } = require('./packager')
const { Playlist, initName } = require('./playlist')

const INDEX = 'index.m3u8'
/** What a container adds, and what the rate control lets a segment have beyond the rate (RFC 8216, 4.3.4.2: the peak of a segment). */
const PEAK = 1.25
const NAME = /^(\d)\.json$/

/**
 * The renditions of a programme, each packaged by a process of its own: what each tells of itself lies in a folder that they share, and the process
 * of rendition 1 makes the master playlist of it.
 */
class Ladder {
  #folder
  #count
  #told = new Set()

  /**
   * @param {string} folder of this programme's renditions
   * @param {number} count of them: what there was before of more is listed no longer
   */
  constructor (folder, count) {
    this.#folder = folder
    this.#count = count
  }

  /**
   * A rendition can be played.
   *
   * @param {object} rendition `number`, `bitRate` (of pictures and sound, bit/s), `width`, `height`, `frameRate`
   * @param {object} store of its playlist and its segments, see Packager
   */
  async tell ({ number, ...rendition }, store) {
    if (this.#told.has(number)) return
    const window = Playlist.read(String(await store.get(PLAYLIST) ?? ''))
    const init = window && await store.get(initName(window.segments.at(-1).init))
    if (!init) return
    const file = path.join(this.#folder, `${number}.json`)
    await fs.mkdir(this.#folder, { recursive: true })
    await fs.writeFile(`${file}.part`, JSON.stringify({ ...rendition, codecs: codecNames(init) }))
    await fs.rename(`${file}.part`, file)
    this.#told.add(number)
  }

  /**
   * The master playlist of the renditions that can be played.
   *
   * @param {(number: string) => string} uriOf where each one's own playlist is
   */
  async index (uriOf) {
    const numbers = (await fs.readdir(this.#folder).catch(() => [])).flatMap((file) => NAME.exec(file)?.[1] ?? []).filter((number) => number <= this.#count).sort()
    const renditions = await Promise.all(numbers.map(async (number) => ({ number, ...JSON.parse(await fs.readFile(path.join(this.#folder, `${number}.json`), 'utf8')) })))
    return ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS', ...renditions.flatMap(({ number, ...rendition }) => [streamTag(rendition), uriOf(number)]), ''].join('\n')
  }
}

function streamTag ({ bitRate, codecs, width, height, frameRate }) {
  return `#EXT-X-STREAM-INF:BANDWIDTH=${Math.round(bitRate * PEAK)},AVERAGE-BANDWIDTH=${bitRate},CODECS="${codecs}",RESOLUTION=${width}x${height},FRAME-RATE=${frameRate.toFixed(3)}`
}

module.exports = { INDEX, Ladder }
