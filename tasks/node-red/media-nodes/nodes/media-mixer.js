'use strict'

const { registerPart } = require('../lib/register')

/** A message moves the fader: its payload is a position 0..1 or {fader, seconds}. */
function followMessages (node, part, production) {
  node.on('input', (message, send, done) => {
    try {
      production.moveFader(message.payload, part.id)
      done()
    } catch (error) {
      done(error)
    }
  })
}

module.exports = (RED) => registerPart(RED, 'media-mixer', { made: followMessages })
