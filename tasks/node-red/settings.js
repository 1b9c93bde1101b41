'use strict'

/** Node-RED's settings, the same in the container and in the local cloud. All that differs comes from the environment. */

const path = require('path')
const settings = require('./machine-settings.js')

module.exports = settings((guardFlowRoutes) => ({
  // The project's own nodes are there from the start: to install them in the version that is here costs nothing.
  nodesDir: path.join(__dirname, 'media-nodes'),
  httpNodeAuth: guardFlowRoutes,
  functionExternalModules: false,
  telemetry: { enabled: false, updateNotification: false }
}))
