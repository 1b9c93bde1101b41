'use strict'

/** Node-RED's settings, the same in the container and in the local cloud. All that differs comes from the environment. */

const path = require('path')
const settings = require('./machine-settings.js')

// Without its supervisor nothing would end it: the pipe between the two closes then, however the supervisor ended.
if (process.env.SUPERVISED) process.stdin.resume().on('close', () => process.kill(process.pid, 'SIGKILL'))

/**
 * Node-RED's parser answers a body that is no JSON with an error page, and a stack in it: bodies of our own routes pass
 * it by as plain text, and the routes read them.
 */
function leaveOurBodies (request, response, next) {
  if (request.path.startsWith('/production/')) request.headers['content-type'] = 'text/plain'
  next()
}

module.exports = settings((guardFlowRoutes, nodes) => ({
  // The project's own nodes are there from the start: to install them in the version that is here costs nothing.
  nodesDir: [nodes, path.join(__dirname, 'media-nodes')],
  httpNodeAuth: guardFlowRoutes,
  httpAdminMiddleware: leaveOurBodies,
  functionExternalModules: false,
  telemetry: { enabled: false, updateNotification: false }
}))
