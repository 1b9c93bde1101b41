'use strict'

const { scrub } = require('../../../lib/scrub')

/** What is wrong with a source, as people are told: without secrets, and the same thing once. */
class SourceTrouble {
  /** In words, and by its name. `reason` is null again once the source plays. */
  lastError = null
  reason = null
  /** What of the source is not as asked for, though it plays; null when all is well. */
  notice = null
  #secrets

  /** @param {object} source of the definition, with its secrets */
  constructor ({ passphrase, streamKey, location }) {
    // What follows the question mark of an address may be a signature.
    const query = location?.includes('?') ? location.slice(location.indexOf('?') + 1) : undefined
    this.#secrets = [passphrase, streamKey, query]
  }

  /** Something that nobody is told either, such as an address with a token. */
  hide (secret) {
    this.#secrets.push(secret)
  }

  /** @returns {string|null} what is to be told; null when it was told before */
  tell (text, reason) {
    const clean = scrub(text, this.#secrets)
    const isNew = this.reason !== reason || this.lastError !== clean
    Object.assign(this, { lastError: clean, reason })
    return isNew ? clean : null
  }

  note (text) {
    this.notice = text === null ? null : scrub(text, this.#secrets)
  }
}

module.exports = { SourceTrouble }
