'use strict'

const clock = require('../lib/clock')
const { picturesServer } = require('../lib/http/pictures-server')
const { signalling } = require('../lib/chain-definition')
const { WatchState } = require('../lib/http/watch-state')
const { registerPart } = require('../lib/register')

/** The web server lives as long as the node: the page is there before the first picture and during restarts. */
function servePictures (node, part, production) {
  if (part.faults.length > 0) return
  const { host, mediaDir } = production.place
  const watchState = new WatchState(mediaDir, () => production.runnerOf(part.id), clock)
  const server = picturesServer(mediaDir, part.title, { watchState, clock, lowLatency: signalling(part, host) })
  server.on('error', (error) => node.error(`The pictures cannot be served on ${host}:${part.port}: ${error.message}`))
  server.listen(part.port, host)
  node.on('close', (done) => {
    if (!server.listening) return done()
    server.close(() => done())
    server.closeAllConnections()
  })
}

module.exports = (RED) => registerPart(RED, 'media-hls-out', { made: servePictures })
