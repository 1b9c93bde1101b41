'use strict'

/** What the other modules require of core, as of the real one (0.2.1, index.js). */
module.exports = Object.assign({ Grain: require('./grain.js') }, require('./redioactive.js'))
