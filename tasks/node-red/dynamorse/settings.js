'use strict'

/**
 * The settings of the Node-RED in which dynamorse works: version 1.3.7 on Node.js 12, the same in the container and in
 * the local cloud. Who gets in, and what may be installed, is as in ../settings.js.
 */

const path = require('path')
const settings = require('../machine-settings.js')
const { watchRejections } = require('./lib/module-faults.js')
const { GrainFlow } = require('./lib/grain-flow.js')
const uploads = require('./lib/uploads.js')

/** Node.js 12 cuts a request after two minutes without an answer; npm needs longer to build codecadon, and answers then. */
function withoutTimeout (request, response, next) {
  request.setTimeout(0)
  next()
}

// Before a module is loaded: of what it does, nothing is missed.
const faults = watchRejections()
uploads.watch()
const flow = new GrainFlow(process.env)

module.exports = settings((guardFlowRoutes, nodes) => ({
  // httpNodeAuth takes only a name and a password in this version; a middleware guards the flows' routes all the same.
  httpNodeMiddleware: guardFlowRoutes,
  httpAdminMiddleware: withoutTimeout,
  nodesDir: [nodes, path.join(__dirname, 'nodes')],
  // dynamorse's nodes share their ledger and logger in it, by its get and set; Node-RED gives it these only if it is here.
  functionGlobalContext: {},
  dynamorse: { flow, faults, uploads }
  // Its nodes log every picture that they touch at level info, 17 GB a day; and as warnings, each time that one is not there
  // yet, 10 GB a day.
}), { level: 'warn', repeatAfterMs: 10000 })
