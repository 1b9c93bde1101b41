'use strict'

/** A clock that stands still until a test moves it. */
class FakeClock {
  #now = 0
  #timers = new Map()
  #nextId = 1

  now () {
    return this.#now
  }

  setTimeout (action, ms) {
    return this.#add({ action, at: this.#now + ms, every: null })
  }

  setInterval (action, ms) {
    return this.#add({ action, at: this.#now + ms, every: ms })
  }

  clearTimeout (id) {
    this.#timers.delete(id)
  }

  clearInterval (id) {
    this.#timers.delete(id)
  }

  /** Let `ms` milliseconds pass, with all that falls due in them, in its order. */
  pass (ms) {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0]
      if (!due) break
      const [id, timer] = due
      this.#now = timer.at
      if (timer.every === null) this.#timers.delete(id)
      else timer.at += timer.every
      timer.action()
    }
    this.#now = end
  }

  /** How many timers wait. */
  get waiting () {
    return this.#timers.size
  }

  /** Those that wait, the next first: a test may move them. */
  get timers () {
    return [...this.#timers.values()].sort((a, b) => a.at - b.at)
  }

  #add (timer) {
    this.#timers.set(this.#nextId, timer)
    return this.#nextId++
  }
}

module.exports = { FakeClock }
