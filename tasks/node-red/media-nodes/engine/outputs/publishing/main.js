'use strict'

/**
 * The process that publishes one rendition, of which OUTPUT_DEFINITION tells, with its transport stream on pipe 0: JSON with `folder` (of all
 * renditions, on the machine), `rendition` (its number), `renditions` (how many), `location` (s3://bucket/prefix of the production's own), `bitRate`, `format`, and what
 * `packageStream` takes.
 *
 * It makes HLS by a packager and sends it to S3 as it comes. Each second a line of JSON on pipe 1 tells how it goes.
 */

const path = require('node:path')
const { INDEX, Ladder } = require('../packaging/ladder')
const { packageStream } = require('../packaging/run')
const { placeOf, s3Client } = require('../storage/s3-client')
const { RESERVED_SECONDS, RING_SECONDS } = require('../storage/waiting')
const { Outbox } = require('./outbox')
const { PublishedStore, servedAs } = require('./published-store')
const { Sender } = require('./sender')

const TELL_MS = 1000
const OUTBOX = 'outbox'
const LADDER = 'ladder'

const time = { setTimeout: (action, ms) => setTimeout(action, ms) }

/** Where each file of a rendition goes. */
function placing (location, rendition) {
  return (name) => ({ ...placeOf(`${location}/${name === INDEX ? name : `${rendition}/${name}`}`), ...servedAs(name) })
}

async function main ({ OUTPUT_DEFINITION, ...environment }) {
  const definition = JSON.parse(OUTPUT_DEFINITION)
  const { folder, rendition, renditions, location, bitRate, format: { width, height, frameRate } } = definition
  const outbox = new Outbox(path.join(folder, String(rendition), OUTBOX), bitRate * RING_SECONDS / 8, Date.now)
  const sender = new Sender(outbox, placing(location, rendition), { s3: s3Client(environment), time, onSent: (name) => store.sent(name) })
  const store = new PublishedStore(path.join(folder, String(rendition)), outbox, new Ladder(path.join(folder, LADDER), renditions), { number: rendition, bitRate, width, height, frameRate }, {
    reserveBytes: bitRate * RESERVED_SECONDS / 8, onMore: () => sender.more()
  })
  let noRoom = null
  const tell = () => {
    const state = noRoom ? 'full' : sender.trouble ? 'behind' : 'sending'
    process.stdout.write(JSON.stringify({
      state, lastError: noRoom ?? sender.trouble, location: `${location}/${INDEX}`, sentFiles: sender.sentFiles, sentBytes: sender.sentBytes, waitingBytes: outbox.bytes,
      behindSeconds: Math.round(outbox.seconds * 10) / 10
    }) + '\n')
  }
  process.stdout.on('error', () => {}) // who listened is gone: what is there is still packaged
  setInterval(tell, TELL_MS)
  await outbox.open()
  const ran = sender.run()
  const { isOver } = await packageStream(store, definition, (trouble) => { noRoom = trouble && `NoRoom: ${trouble.message}` })
  // Otherwise the process that takes this one's place sends what waits.
  if (!isOver) return
  await store.end()
  sender.finish()
  await ran
  tell()
}

main(process.env).then(() => process.exit(0), (error) => {
  console.error(`[fatal] ${error.message}`)
  process.exit(1)
})
