'use strict'

const { scrub } = require('../../../lib/scrub')

/** A shorter query is hidden where it follows its question mark alone: as a word it is found in what has nothing to do with it. */
const SHORTEST_WORD = 8

/** What is wrong with a source, as people are told: without secrets, and the same thing once. */
class SourceTrouble {
  /** In words, and by its name. `reason` is null again once the source plays. */
  lastError = null
  reason = null
  /** What of the source is not as asked for, though it plays; null when all is well. */
  notice = null
  #secrets
  #query

  /** @param {object} source of the definition, with its secrets */
  constructor ({ passphrase, streamKey, location }) {
    // What follows the question mark of an address may be a signature.
    this.#query = location?.includes('?') ? location.slice(location.indexOf('?') + 1) : ''
    this.#secrets = [passphrase, streamKey, this.#query.length >= SHORTEST_WORD ? this.#query : null]
  }

  /** Something that nobody is told either, such as an address with a token. */
  hide (secret) {
    this.#secrets.push(secret)
  }

  /** @returns {string|null} what is to be told; null when it was told before */
  tell (text, reason) {
    const clean = this.#clean(text)
    const isNew = this.reason !== reason || this.lastError !== clean
    Object.assign(this, { lastError: clean, reason })
    return isNew ? clean : null
  }

  note (text) {
    this.notice = text === null ? null : this.#clean(text)
  }

  #clean (text) {
    return scrub(this.#query ? text.replaceAll(`?${this.#query}`, '?***') : text, this.#secrets)
  }
}

module.exports = { SourceTrouble }
