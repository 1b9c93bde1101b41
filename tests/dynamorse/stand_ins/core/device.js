'use strict'

module.exports = (RED) => require('./configuration.js')(RED, 'device')
