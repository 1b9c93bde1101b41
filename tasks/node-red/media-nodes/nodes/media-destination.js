'use strict'

const { registerPart } = require('../lib/register')

const credentials = { passphrase: { type: 'password' } }

module.exports = (RED) => registerPart(RED, 'media-destination', { credentials })
