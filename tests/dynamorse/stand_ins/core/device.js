'use strict'

module.exports = (RED) => require('./configuration.js')(RED, 'device', (shared, config, node) => {
  const generic = config.nmos_type.endsWith(':generic')
  node.nmos_id = shared.get(generic ? 'genericID' : 'pipelinesID')
  if (!node.nmos_id) node.error('the device was made before self')
})
