'use strict'

const { setTimeout: pause } = require('node:timers/promises')

/** Wait until `look()` gives something true, and give that; fail with `what` after `seconds`. */
async function eventually (what, look, seconds = 10) {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`)
    await pause(50)
  }
}

module.exports = { eventually }
