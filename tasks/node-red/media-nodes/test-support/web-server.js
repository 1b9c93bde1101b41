'use strict'

const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')

/** A web server on loopback; `answer(request, response)` answers, `close()` ends it with every connection. */
async function webServer (answer, host = '127.0.0.1') {
  const requests = []
  const server = http.createServer((request, response) => {
    requests.push({ url: request.url, headers: request.headers })
    answer(request, response)
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address()
  return {
    address: `http://${host}:${port}`,
    port,
    requests,
    async close () {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

/** Answer with a file, or the part of it that is asked for. */
function sendFile (request, response, file, { hasRanges = true, headers = {} } = {}) {
  const bytes = fs.readFileSync(file)
  const [, from, to] = (hasRanges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')) || []
  if (from === undefined) {
    response.writeHead(200, { 'content-length': bytes.length, ...(hasRanges && { 'accept-ranges': 'bytes' }), ...headers }).end(bytes)
    return
  }
  if (Number(from) >= bytes.length) return response.writeHead(416, { 'content-range': `bytes */${bytes.length}`, 'content-length': 0 }).end()
  const last = to ? Math.min(Number(to), bytes.length - 1) : bytes.length - 1
  const part = bytes.subarray(Number(from), last + 1)
  response.writeHead(206, { 'content-length': part.length, 'content-range': `bytes ${from}-${last}/${bytes.length}`, etag: '"1"', ...headers }).end(part)
}

module.exports = { webServer, sendFile }
