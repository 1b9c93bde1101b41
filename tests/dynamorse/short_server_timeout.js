'use strict'

// Node.js 12 cuts a request after two minutes without an answer. Here after two seconds, so that the tests meet it.
const http = require('http')

const createServer = http.createServer
http.createServer = (...given) => createServer(...given).setTimeout(2000)
