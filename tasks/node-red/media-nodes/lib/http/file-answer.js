'use strict'

const fs = require('node:fs/promises')
const { pipeline } = require('node:stream/promises')

/**
 * The bytes that a request asks for (RFC 9110, 14.2): `{start, end}`, both of them counted.
 *
 * @returns {{start: number, end: number}|null|undefined} null when there is nothing in the range; undefined for the whole file: without
 *   a range, with several, or with one that cannot be read
 */
function rangeOf (header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || (first === '' && last === '')) return undefined
  if (first === '') return Number(last) === 0 || size === 0 ? null : { start: Math.max(0, size - Number(last)), end: size - 1 }
  const [start, end] = [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)]
  if (last !== '' && Number(last) < start) return undefined
  return start < size ? { start, end } : null
}

/** The answer to a request for a file of so many bytes: status, headers and the range to send; null sends nothing. */
function answerOf ({ headers }, { size, mtimeMs }) {
  const tag = `"${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}"`
  const always = { ETag: tag, 'Accept-Ranges': 'bytes' }
  if (headers['if-none-match'] === tag) return { status: 304, headers: always, range: null }
  const range = headers['if-range'] === undefined || headers['if-range'] === tag ? rangeOf(headers.range, size) : undefined
  if (range === null) return { status: 416, headers: { ...always, 'Content-Range': `bytes */${size}` }, range: null }
  if (range === undefined) return { status: 200, headers: { ...always, 'Content-Length': size }, range: size === 0 ? null : { start: 0, end: size - 1 } }
  const { start, end } = range
  return { status: 206, headers: { ...always, 'Content-Length': end - start + 1, 'Content-Range': `bytes ${start}-${end}/${size}` }, range }
}

/**
 * Answer with a file, whole or in part.
 *
 * @param {object} headers of every answer with it
 * @returns {Promise<boolean>} false, and nothing is answered, when there is no such file
 */
async function answerWithFile (request, response, file, headers) {
  const handle = await fs.open(file).catch(() => null)
  if (handle === null) return false
  try {
    const facts = await handle.stat()
    if (!facts.isFile()) return false
    const answer = answerOf(request, facts)
    response.writeHead(answer.status, { ...headers, ...answer.headers })
    if (request.method === 'HEAD' || answer.range === null) response.end()
    else await pipeline(handle.createReadStream({ ...answer.range, autoClose: false }), response).catch(() => response.destroy())
    return true
  } finally {
    await handle.close()
  }
}

module.exports = { answerWithFile }
