'use strict'

const { EventEmitter } = require('node:events')
const { OwnSlate } = require('./own-slate')
const { Source } = require('./source')

/**
 * The sources of a chain by their names. Each comes and goes without the others.
 *
 * Event: `trouble` (text) when one failed.
 */
class Sources extends EventEmitter {
  #definitions
  #place
  #time
  #byName = new Map()
  #isOver = false
  #ownSlate

  /**
   * @param {object[]} definitions each with its `number`, or in their order
   * @param {object} place of Source, but for `ownSlate`
   * @param {object} time
   */
  constructor (definitions, place, time) {
    super()
    this.#definitions = definitions
    this.#ownSlate = new OwnSlate(place, time)
    this.#ownSlate.on('trouble', (text) => this.emit('trouble', `slate: ${text}`))
    this.#place = { ...place, ownSlate: this.#ownSlate }
    this.#time = time
    for (const definition of definitions) this.#add(definition)
  }

  /** Pairs of name and source. */
  [Symbol.iterator] () {
    return this.#byName[Symbol.iterator]()
  }

  get names () {
    return [...this.#byName.keys()]
  }

  /** @returns {Source|undefined} */
  get (name) {
    return this.#byName.get(name)
  }

  /** The name of the source with a number; undefined without one. */
  nameOf (number) {
    return this.names.find((name) => this.numberOf(name) === number)
  }

  /** The number of a source; undefined without one. */
  numberOf (name) {
    const at = this.#definitions.findIndex((definition) => definition.name === name)
    return at < 0 ? undefined : this.#definitions[at].number ?? at + 1
  }

  /** Where the picture is that is shown in place of the standard slates, see OwnSlate; null for none. */
  set slate (location) {
    this.#ownSlate.use(location)
  }

  get slateFigures () {
    return this.#ownSlate.figures
  }

  start () {
    for (const source of this.#byName.values()) source.start()
  }

  async stop () {
    this.#isOver = true
    await Promise.all([...this.#byName.values(), this.#ownSlate].map((part) => part.stop()))
  }

  /** Take other definitions: sources that differ begin anew, the others go on. */
  redefine (definitions) {
    const before = new Map(this.#definitions.map((definition) => [definition.name, JSON.stringify(definition)]))
    const after = new Map(definitions.map((definition) => [definition.name, JSON.stringify(definition)]))
    this.#definitions = definitions
    const gone = []
    for (const [name, source] of [...this.#byName]) {
      if (after.get(name) === before.get(name)) continue
      this.#byName.delete(name)
      gone.push(source.stop())
    }
    // What takes over a port, or a name, waits until the one before has let go of it.
    const areGone = Promise.all(gone)
    for (const definition of definitions) if (!this.#byName.has(definition.name)) this.#startAfter(areGone, this.#add(definition))
    this.#byName = new Map(definitions.map(({ name }) => [name, this.#byName.get(name)]))
  }

  async #startAfter (areGone, source) {
    await areGone
    if (!this.#isOver && this.#byName.get(source.name) === source) source.start()
  }

  #add (definition) {
    const source = new Source(definition, this.#place, this.#time)
    source.on('trouble', (text) => this.emit('trouble', `${definition.name}: ${text}`))
    this.#byName.set(definition.name, source)
    return source
  }
}

module.exports = { Sources }
