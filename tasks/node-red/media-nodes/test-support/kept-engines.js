'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { EngineKeeper } = require('../engine/engine-keeper')
const { Engines } = require('../lib/engines')

/** Real engines without a supervisor: kept by this process, in a folder of their own. */
class KeptEngines extends Engines {
  #keeper

  constructor (say = () => {}) {
    super(fs.mkdtempSync(path.join(os.tmpdir(), 'e-')))
    this.#keeper = new EngineKeeper(this.folder, say)
  }

  start (key, definition) {
    return this.#keeper.start(key, definition)
  }

  stop (key) {
    return this.#keeper.stop(key)
  }

  async list () {
    return this.#keeper.list()
  }

  /** End all engines and remove their folder. */
  async end () {
    await this.#keeper.end()
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}

module.exports = { KeptEngines }
