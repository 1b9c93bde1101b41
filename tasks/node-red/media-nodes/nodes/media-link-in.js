'use strict'

const { registerPart } = require('../lib/register')

module.exports = (RED) => registerPart(RED, 'media-link-in', { credentials: { passphrase: { type: 'password' } } })
