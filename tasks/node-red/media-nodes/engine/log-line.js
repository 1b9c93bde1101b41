'use strict'

/** Write a line of the container's log, as Node-RED's are: JSON, with the names that every line carries. */
function logLine (level, message) {
  const { INSTANCE_NAME: instanceName, PRODUCTION_ID: productionId } = process.env
  process.stdout.write(JSON.stringify({ timestamp: new Date().toISOString(), level, message, instanceName, productionId }) + '\n')
}

module.exports = { logLine }
