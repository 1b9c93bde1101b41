'use strict'

const { FolderStore } = require('../storage/folder-store')
const { INDEX } = require('./ladder')
const { PLAYLIST } = require('./packager')

/** A folder of one of a programme's renditions, for the machine's own page: once a rendition can be played, the master playlist lists it. */
class LadderStore extends FolderStore {
  #ladder
  #rendition
  #index = null

  /**
   * @param {string} folder of this rendition; the others' are in that of rendition 1
   * @param {Ladder} ladder
   * @param {object} rendition see Ladder
   */
  constructor (folder, ladder, rendition) {
    super(folder)
    this.#ladder = ladder
    this.#rendition = rendition
  }

  async put (name, bytes) {
    await super.put(name, bytes)
    // Without room for it: with the next playlist again.
    if (name === PLAYLIST) await this.#list().catch(() => {})
  }

  async #list () {
    await this.#ladder.tell(this.#rendition, this)
    if (this.#rendition.number !== 1) return
    const index = await this.#ladder.index((number) => number === '1' ? PLAYLIST : `${number}/${PLAYLIST}`)
    if (index === this.#index) return
    await super.put(INDEX, Buffer.from(index))
    this.#index = index
  }
}

module.exports = { LadderStore }
