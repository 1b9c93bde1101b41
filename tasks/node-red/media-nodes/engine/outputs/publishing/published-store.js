'use strict'

const path = require('node:path')
const { INDEX } = require('../packaging/ladder')
const { LIST, PLAYLIST } = require('../packaging/packager')
const { Playlist } = require('../packaging/playlist')
const { NoRoom, writeWithin } = require('../storage/disk-room')
const { FolderStore } = require('../storage/folder-store')
const { WHOLE, WholePlaylist } = require('./whole-playlist')

/**
 * What a packager puts its segments and its playlist into to have them published: a folder on the machine, from which a packager goes on, and an
 * outbox on the way to S3, from which nothing is removed before it is sent. The list of the whole show and the master playlist are made of it.
 */
class PublishedStore {
  #folder
  #kept
  #outbox
  #ladder
  #rendition
  #reserveBytes
  #onMore
  #playlist = null
  #whole = null
  #index = null
  #isOver = false

  /**
   * @param {string} folder of this rendition alone
   * @param {Outbox} outbox
   * @param {Ladder} ladder
   * @param {object} rendition `number`; `bitRate`, `width`, `height`, `frameRate` (see Ladder)
   * @param {object} with `reserveBytes` (see writeWithin), `onMore()` told of each file that is to be sent
   */
  constructor (folder, outbox, ladder, rendition, { reserveBytes, onMore }) {
    this.#folder = folder
    this.#kept = new FolderStore(folder)
    this.#outbox = outbox
    this.#ladder = ladder
    this.#rendition = rendition
    this.#reserveBytes = reserveBytes
    this.#onMore = onMore
  }

  get (name) {
    return this.#kept.get(name)
  }

  /** @throws {NoRoom} and what was is left whole */
  async put (name, bytes) {
    if (name === PLAYLIST) return this.#putPlaylists(bytes)
    this.#outbox.check(bytes.length)
    await this.#send(name, bytes)
  }

  /** What is to be sent is kept by the outbox. */
  remove (name) {
    return this.#kept.remove(name)
  }

  /** A file is in S3. Once a playlist is, the rendition can be played. */
  async sent (name) {
    if (name !== PLAYLIST || this.#isOver) return
    // Without room for it: with the next playlist again.
    await this.#ladder.tell(this.#rendition, this).then(() => this.#putIndex(PLAYLIST)).catch(() => {})
  }

  /** The show is over: who comes from now on gets all of it. */
  async end () {
    this.#isOver = true
    if (!this.#whole) return
    // Without room on the disk, who completes the recordings does it.
    await this.#ladder.tell(this.#rendition, this).then(() => this.#putIndex(WHOLE)).catch(ignoreNoRoom)
  }

  async #putPlaylists (bytes) {
    // It has no new segment where none may wait.
    if (this.#playlist?.equals(bytes)) return
    const window = Playlist.read(String(bytes))
    this.#whole ??= new WholePlaylist(String(await this.get(WHOLE) ?? ''))
    const isDue = this.#whole.follow(window)
    // Before the window that says that it has ended.
    if (isDue && window.isEnded) await this.#putWhole()
    await this.#send(PLAYLIST, bytes)
    if (isDue && !window.isEnded) await this.#putWhole()
    this.#playlist = bytes
  }

  async #putWhole () {
    // The newest is enough, and a long show's is long.
    await this.#outbox.drop(WHOLE)
    await this.#send(WHOLE, Buffer.from(String(this.#whole)))
  }

  /** By one of the renditions for all of them. */
  async #putIndex (name) {
    if (this.#rendition.number !== 1) return
    const index = await this.#ladder.index((number) => `${number}/${name}`)
    if (index === this.#index) return
    await this.#send(INDEX, Buffer.from(index))
    this.#index = index
  }

  async #send (name, bytes) {
    await writeWithin(this.#folder, bytes.length, this.#reserveBytes, async () => {
      await this.#kept.put(name, bytes)
      await this.#outbox.add(name, path.join(this.#folder, name), bytes.length)
    })
    this.#onMore()
  }
}

function ignoreNoRoom (error) {
  if (!(error instanceof NoRoom)) throw error
}

/** How what has a name is to be served: segments are never changed, playlists are. */
function servedAs (name) {
  if (name.endsWith('.m3u8')) return LIST
  return { type: name.endsWith('.mp4') ? 'video/mp4' : 'video/iso.segment', cacheControl: 'public, max-age=31536000, immutable' }
}

module.exports = { PublishedStore, servedAs }
