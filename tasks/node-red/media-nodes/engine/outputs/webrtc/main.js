'use strict'

/**
 * The low-latency view's process, of which OUTPUT_DEFINITION tells: JSON with `address` and `port` (UDP, for browsers), `signalAddress` and
 * `signalPort` (TCP, for the watch page's server), `ffmpegPath`.
 *
 * It takes the programme's transport stream on pipe 0, and makes something of it only while somebody watches. It tells its troubles on
 * pipe 1, a line of JSON each time.
 */

const { once } = require('node:events')
const os = require('node:os')
const { Rendition } = require('./rendition')
const { signallingServer } = require('./signalling')
const { UdpPort } = require('./udp-port')
const { Viewers } = require('./viewers')

/** After the programme, as the rendition is. */
const NICE = 5
const time = {
  now: () => performance.now(),
  setTimeout: (action, ms) => setTimeout(action, ms),
  clearTimeout: (timer) => clearTimeout(timer)
}

async function main ({ OUTPUT_DEFINITION: definition }) {
  const { address, port, signalAddress, signalPort, ffmpegPath } = JSON.parse(definition)
  os.setPriority(NICE)
  const rendition = new Rendition(ffmpegPath, time)
  const udpPort = new UdpPort(time)
  const viewers = new Viewers(rendition, udpPort, time)
  rendition.on('trouble', (text) => console.log(JSON.stringify({ state: 'sending', lastError: `the rendition: ${text}` })))
  await rendition.open()
  await udpPort.listen(port, address)
  const server = signallingServer(viewers).listen(signalPort, signalAddress)
  await once(server, 'listening')
  for await (const bytes of process.stdin) rendition.feed(bytes)
  await viewers.close()
}

main(process.env).then(() => process.exit(0), (error) => {
  console.error(`[fatal] ${error.message}`)
  process.exit(1)
})
