'use strict'

module.exports = (RED) => require('./configuration.js')(RED, 'self', (shared) => {
  if (shared.get('ledger')) return
  shared.set('ledger', {})
  shared.set('genericID', 'generic')
  shared.set('pipelinesID', 'pipelines')
})
