'use strict'

const net = require('node:net')
const path = require('node:path')

/** An engine that ends may bring a recording to S3 first: the keeper gives it 100 s. */
const ANSWER_MS = 110_000

/** Whoever runs the engines does not answer, or says that something cannot be done. */
class EngineRefused extends Error {
  constructor (message) {
    super(message)
    this.name = 'EngineRefused'
  }
}

/** Ask on a local socket: a line of JSON there, a line of JSON back. */
function ask (socketPath, request) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath)
    let text = ''
    socket.setEncoding('utf8').setTimeout(ANSWER_MS)
    socket.on('timeout', () => socket.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)))
    socket.on('error', (error) => reject(new EngineRefused(`${socketPath} cannot be asked: ${error.message}`)))
    socket.on('close', () => reject(new EngineRefused(`${socketPath} ended without an answer`)))
    socket.on('data', (chunk) => {
      text += chunk
      if (!text.includes('\n')) return
      const { result, error } = JSON.parse(text)
      if (error) reject(new EngineRefused(error.message))
      else resolve(result)
      socket.destroy()
    })
    socket.write(JSON.stringify({ id: 1, ...request }) + '\n')
  })
}

/**
 * The engines of this machine, which the supervisor runs: they are there before Node-RED and after it.
 *
 * Paths are relative to the supervisor's folder, in which it starts Node-RED: a socket's path has to be short.
 */
class Engines {
  /** @param {string} folder of the supervisor */
  constructor (folder = '.') {
    this.folder = folder
  }

  /** Have an engine run by this definition; one that does already goes on. @returns {Promise<{pid, restarts}>} */
  start (key, definition) {
    return ask(path.join(this.folder, 'supervisor.sock'), { request: 'start', key, definition })
  }

  /** End an engine; resolves when its outputs are finished. */
  stop (key) {
    return ask(path.join(this.folder, 'supervisor.sock'), { request: 'stop', key })
  }

  /** Those that run: `key`, `pid`, `restarts` of each. */
  list () {
    return ask(path.join(this.folder, 'supervisor.sock'), { request: 'list' })
  }

  /** Give an engine a command (`state` changes nothing). @returns {Promise<object>} its state */
  command (key, command) {
    return ask(path.join(this.folder, key, 'control.sock'), command)
  }
}

module.exports = { Engines, EngineRefused }
