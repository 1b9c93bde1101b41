'use strict'
function makeFeed () { return null }
module.exports = { makeFeed }
