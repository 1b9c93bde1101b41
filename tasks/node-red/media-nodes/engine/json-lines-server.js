'use strict'

const fs = require('node:fs')
const net = require('node:net')
const { LineSplitter } = require('../lib/line-splitter')

/** A line longer than this is no request of ours. */
const LONGEST_LINE = 1_000_000

/**
 * A server on a local socket that only its user may open: each line a JSON request with an `id`, each answered by a line with that
 * `id` and `result`, or `error` ({name, message}).
 *
 * @param {string} path of the socket; one that a dead process left is replaced
 * @param {(request: object) => Promise<object>|object} answer
 * @returns {Promise<net.Server>} listening
 */
function serveJsonLines (path, answer) {
  const server = net.createServer((socket) => {
    const lines = new LineSplitter()
    let pending = 0
    socket.setEncoding('utf8')
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      pending = chunk.includes('\n') ? 0 : pending + chunk.length
      if (pending > LONGEST_LINE) return socket.destroy()
      for (const line of lines.feed(chunk)) {
        answerLine(line, answer).then((told) => { if (socket.writable) socket.write(JSON.stringify(told) + '\n') })
      }
    })
  })
  fs.rmSync(path, { force: true })
  const mask = process.umask(0o177)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve(server))
    process.umask(mask)
  })
}

async function answerLine (line, answer) {
  let id = null
  try {
    const request = JSON.parse(line)
    id = request?.id ?? null
    return { id, result: (await answer(request)) ?? null }
  } catch (error) {
    return { id, error: { name: error.name, message: error.message } }
  }
}

module.exports = { serveJsonLines }
