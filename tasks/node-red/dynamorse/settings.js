'use strict'

/**
 * The settings of the Node-RED in which dynamorse works: version 1.3.7 on Node.js 12, the same in the container and in
 * the local cloud. Who gets in, and what may be installed, is as in ../settings.js.
 */

const settings = require('../machine-settings.js')

// httpNodeAuth takes only a name and a password in this version; a middleware guards the flows' routes all the same.
module.exports = settings((guardFlowRoutes) => ({ httpNodeMiddleware: guardFlowRoutes }))
