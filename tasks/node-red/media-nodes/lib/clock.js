'use strict'

/** The real clock. Whatever waits or measures takes a clock as an argument, so that tests can move time by hand. */
module.exports = {
  /** Milliseconds since the epoch. */
  now: () => Date.now(),
  setTimeout: (action, ms) => setTimeout(action, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  setInterval: (action, ms) => setInterval(action, ms),
  clearInterval: (timer) => clearInterval(timer)
}
