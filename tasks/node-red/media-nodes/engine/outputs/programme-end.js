'use strict'

const { once } = require('node:events')
const net = require('node:net')

/** Whoever started this process closes its pipe 3 when the stream ends, whether or not there was something to say. */
function listenForEnd () {
  const control = new net.Socket({ fd: 3, readable: true, writable: false })
  const told = { isOver: false, isClosed: once(control, 'close') }
  control.on('data', () => { told.isOver = true })
  control.on('error', () => {})
  return told
}

module.exports = { listenForEnd }
