'use strict'

/** What says most of why npm failed: the compiler's word, node-gyp's, npm's. */
const TELLING = [/^\S+:\d+(?::\d+)?: (?:fatal )?error: |undefined reference|cannot find -l/, /^\w*Error: |gyp ERR! (?:stack|build error)/, /npm ERR! (?!A complete log|There is likely)/i]
const MOST_LINES = 3
const LONGEST = 300 // characters of a line

function tellingLines (output) {
  const lines = output.split('\n').map((line) => line.trim()).filter(Boolean)
  const telling = TELLING.map((pattern) => lines.filter((line) => pattern.test(line))).find(({ length }) => length > 0)
  return (telling || lines.slice(-MOST_LINES)).slice(0, MOST_LINES).map((line) => line.slice(0, LONGEST))
}

/**
 * `GET /production/installation`: why the last installation of a module failed, in the compiler's or npm's own words; null
 * if it did not. Node-RED answers no more than that it failed. Written in what Node.js 12 understands.
 */
module.exports = (RED) => {
  let command = null
  let output = ''
  let reason = null
  RED.events.on('event-log', ({ id, payload: { data } }) => {
    const ended = /^rc=(-?\d+)$/.exec(data)
    if (id !== command) {
      // The first word of each is its own command line.
      command = id
      output = ''
      reason = null
    } else if (ended) reason = ended[1] === '0' ? null : tellingLines(output).join(' | ')
    else output += data
  })
  RED.httpAdmin.get('/production/installation', RED.auth.needsPermission('nodes.read'), (request, response) => response.json({ reason }))
}
