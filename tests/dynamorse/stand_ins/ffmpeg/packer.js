'use strict'

module.exports = (RED) => require('./pass-on.js')(RED, 'packer')
