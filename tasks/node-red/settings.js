'use strict'

/** Node-RED's settings, the same in the container and in the local cloud. All that differs comes from the environment. */

const settings = require('./machine-settings.js')

module.exports = settings((guardFlowRoutes) => ({
  httpNodeAuth: guardFlowRoutes,
  functionExternalModules: false,
  telemetry: { enabled: false, updateNotification: false }
}))
