'use strict'

/** An output that the document asked for and that has been in trouble for so long is told of; template.yaml has an alarm on the words. */
const TROUBLE_MS = 30_000
/** It is well again when it has been for so long: one that is tried again and again sends for a moment each time. */
const WELL_MS = 5000

/** What a document asks for by name; the watch page and the link are everybody's. */
const ASKED_FOR = ['recording', 'publish', 'destination']

/** Whether an output, as the engine tells of it, delivers or has ended as it should; a receiver that has to call need not have. */
function isWell ({ kind, isCalled, state, told }) {
  if (state === 'stopped') return true
  if (state !== 'sending') return false
  return kind !== 'destination' || isCalled || Boolean(told?.connectedSince)
}

/** Tells, once each time, of an output that has been in trouble for a while, and that it is well again. */
class OutputWatch {
  /** `troubleSince`, `wellSince` (ms; null: is not), `isTold`, by output. */
  #outputs = new Map()

  /**
   * Look at all outputs of a chain that runs. Those that are no more are forgotten.
   *
   * @param {string} chain its name
   * @param {object[]} outputs as the engine tells of them: `name`, `kind`, `isCalled`, `state`, `told`, `lastError`
   * @param {number} now ms
   * @returns {string[]} what is to be told
   */
  look (chain, outputs, now) {
    const before = this.#of(chain)
    const asked = outputs.filter(({ kind }) => ASKED_FOR.includes(kind))
    const seen = new Map(asked.map(({ name }) => [name, before.get(name) ?? { troubleSince: null, wellSince: null, isTold: false }]))
    this.#outputs.set(chain, seen)
    return asked.flatMap((output) => this.#judge(chain, output, seen.get(output.name), now) ?? [])
  }

  /** A chain is no more, or does not run: that is told elsewhere, and its outputs begin anew. */
  forget (chain) {
    this.#outputs.delete(chain)
  }

  #of (chain) {
    return this.#outputs.get(chain) ?? new Map()
  }

  #judge (chain, output, kept, now) {
    if (isWell(output)) {
      kept.wellSince ??= now
      if (now - kept.wellSince < WELL_MS) return null
      kept.troubleSince = null
      if (!kept.isTold) return null
      kept.isTold = false
      return `Output ${output.name} of chain ${chain} is well again`
    }
    kept.wellSince = null
    kept.troubleSince ??= now
    if (now - kept.troubleSince < TROUBLE_MS || kept.isTold) return null
    kept.isTold = true
    const why = output.lastError ? `: ${output.lastError}` : ''
    return `Output ${output.name} of chain ${chain} has been in trouble for ${TROUBLE_MS / 1000} s: it is ${output.state}${why}`
  }
}

module.exports = { OutputWatch, isWell }
