'use strict'

const { registerPart } = require('../lib/register')

module.exports = (RED) => registerPart(RED, 'media-source')
