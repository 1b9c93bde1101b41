'use strict'

module.exports = (RED) => require('./configuration.js')(RED, 'rtp-ext', (shared, config, node) => {
  shared.set('rtp_ext_id', node.id)
  shared.set('updated', true)
})
