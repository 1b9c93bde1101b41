'use strict'

/** A chain that was on air and is not running for so long is told of; template.yaml has an alarm on the words. */
const DOWN_MS = 10_000

/** Tells, once each time, of a chain that was on air and has not been running for a while, and that it is again. */
class DownWatch {
  #since = new Map()
  #told = new Set()

  /**
   * Look at a chain.
   *
   * @param {{name: string, state: string}} chain its states: see ChainEngine
   * @param {number} now ms
   * @returns {string|null} what is to be told, if anything
   */
  look ({ name, state }, now) {
    if (state === 'running') return this.#runs(name)
    // What has not been on air yet is not down.
    if (!this.#since.has(name)) return null
    const since = this.#since.get(name) ?? now
    this.#since.set(name, since)
    if (now - since < DOWN_MS || this.#told.has(name)) return null
    this.#told.add(name)
    return `Chain ${name} has not been running for ${DOWN_MS / 1000} s: it is ${state}`
  }

  /** A chain is no more: it is not down. */
  forget (name) {
    this.#since.delete(name)
    this.#told.delete(name)
  }

  #runs (name) {
    this.#since.set(name, null)
    return this.#told.delete(name) ? `Chain ${name} is running again` : null
  }
}

module.exports = { DownWatch }
