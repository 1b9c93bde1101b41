'use strict'

const { registerFormat } = require('../lib/register')

module.exports = (RED) => registerFormat(RED, 'media-format')
