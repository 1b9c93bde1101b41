'use strict'

const FLOWS_MS = 2000
const UPLOADS_MS = 2500

/** Waits for a promise, however it ends, but not for ever. */
function within (promise, ms) {
  return Promise.race([promise.catch(() => {}), new Promise((resolve) => setTimeout(resolve, ms))])
}

/** Ends the flows, then the objects that they write, then this process, within 5 s. */
function endInOrder (RED, uploads) {
  return within(RED.stop(), FLOWS_MS)
    .then(() => within(uploads.finish(), UPLOADS_MS))
    .then(() => process.exit())
}

/**
 * Has process.exit end the process at once: once a codec of codecadon has run, a thread of its waits for ever, and the
 * process with it, deaf and with its ports.
 */
function exitForSure () {
  process.on('exit', () => process.kill(process.pid, 'SIGKILL'))
}

module.exports = { endInOrder, exitForSure }
