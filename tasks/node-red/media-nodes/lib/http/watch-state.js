'use strict'

const fs = require('node:fs/promises')
const path = require('node:path')
const { Playlist } = require('../../engine/outputs/packaging/playlist')

const iso = (ms) => new Date(ms).toISOString()

/**
 * What a watch page has to know beside the pictures.
 *
 * `waiting` (no picture yet, or none any more), `live`, `slate` (pictures are sent, but the source's own are away), `ended`.
 */
class WatchState {
  #mediaDir
  #runnerOf
  #clock
  #state = null
  #since = 0

  /**
   * @param {string} mediaDir
   * @param {() => ChainEngine|null} runnerOf the chain whose pictures these are; null while there is none
   * @param {object} clock see clock.js
   */
  constructor (mediaDir, runnerOf, clock) {
    this.#mediaDir = mediaDir
    this.#runnerOf = runnerOf
    this.#clock = clock
  }

  /**
   * @returns {Promise<object>} `state`, `since` (when it became so, for all that is known here), `endedAt` (the last picture; null before),
   *   `recording` (path; null when there is none to see yet), `codec`
   *   (what a browser has to decode at the least), `playlist` (path), `now` (this machine's time)
   */
  async look () {
    const playlist = await this.#playlist()
    const now = this.#clock.now()
    const state = this.#stateOf(playlist)
    if (state !== this.#state) this.#since = now
    this.#state = state
    const last = playlist?.segments.at(-1)
    const endedAt = state === 'ended' && last ? iso(last.at + last.seconds * 1000) : null
    const recording = state === 'ended' ? await this.recording() : null
    const { codec = null, renditions = [] } = this.#encoder ?? {}
    return {
      state,
      since: endedAt ?? iso(this.#since),
      endedAt,
      recording: recording?.path ?? null,
      // Renditions beside the programme are H.264.
      codec: codec && renditions.length > 0 ? 'h264' : codec,
      playlist: renditions.length > 0 ? 'hls/index.m3u8' : 'hls/live.m3u8',
      now: iso(now)
    }
  }

  /** The newest recording of the programme once it is finished: `path` in URLs, `file`; null before. */
  async recording () {
    const playlist = await this.#playlist()
    const fileName = this.#encoder?.outputs.find(({ type }) => type === 'media-file-out')?.fileName
    if (!playlist?.isEnded || !fileName) return null
    const { name, ext } = path.parse(fileName)
    const isOurs = (one) => one === fileName || (one.startsWith(`${name}-`) && one.endsWith(ext) && /^\d+$/.test(one.slice(name.length + 1, -ext.length)))
    const found = await Promise.all((await fs.readdir(this.#mediaDir)).filter(isOurs).map(async (one) => {
      const file = path.join(this.#mediaDir, one)
      return { path: `/recording/${encodeURIComponent(one)}`, file, at: (await fs.stat(file)).mtimeMs }
    }))
    return found.sort((a, b) => b.at - a.at)[0] ?? null
  }

  get #encoder () {
    return this.#runnerOf()?.chain.encoders.find(({ outputs }) => outputs.some(({ type }) => type === 'media-hls-out'))
  }

  async #playlist () {
    return Playlist.read(await fs.readFile(path.join(this.#mediaDir, 'hls', 'live.m3u8'), 'utf8').catch(() => ''))
  }

  #stateOf (playlist) {
    if (playlist?.isEnded) return 'ended'
    const engine = this.#runnerOf()?.engine
    if (!engine || !playlist) return 'waiting'
    const { state, chain } = this.#runnerOf()
    const shown = chain.mixer ? engine.sources[engine.programme] : Object.values(engine.sources)[0]
    // Held for a moment, a source is not away yet.
    if (shown && (shown.state === 'slate' || shown.state === 'black')) return 'slate'
    return state === 'running' || shown?.state === 'hold' ? 'live' : 'waiting'
  }
}

module.exports = { WatchState }
