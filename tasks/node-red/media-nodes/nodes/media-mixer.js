'use strict'

const { registerPart } = require('../lib/register')

/** A message moves the fader: its payload is a position 0..1 or {fader, seconds}. */
function followMessages (node, part, production) {
  node.on('input', (message, send, done) => { production.moveFader(message.payload, part.id).then(() => done(), done) })
}

module.exports = (RED) => registerPart(RED, 'media-mixer', { made: followMessages })
