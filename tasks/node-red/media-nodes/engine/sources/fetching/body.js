'use strict'

const { once } = require('node:events')
const { FetchFault } = require('./fetch-fault')

/** A body that breaks off is asked for again where it did, so many times in a row. */
const MOST_RESUMPTIONS = 3
const SLOW = (ms) => new FetchFault('SourceSlow', `nothing came for ${ms / 1000} s. See whether the server and the way to it are fast enough.`, 504)

/**
 * The first bytes of a body, and the rest.
 *
 * @param {http.IncomingMessage} stream
 * @param {number} least how many bytes the first ones are, where there are so many
 * @param {number} idleMs how long it may pause
 * @param {object} waits `count` is one more while bytes are waited for
 * @returns {Promise<{first: Buffer|null, rest: AsyncIterator, stream: http.IncomingMessage}>}
 */
async function firstOf (stream, least, idleMs, waits) {
  const rest = untilIdle(stream, idleMs, waits)
  let { value: first = null } = await rest.next()
  while (first && first.length < least) {
    const { done, value } = await rest.next()
    if (done) break
    first = Buffer.concat([first, value])
  }
  return { first, rest, stream }
}

/** Chunks of a stream; a pause of whoever takes them does not count. */
async function * untilIdle (stream, idleMs, waits = { count: 0 }) {
  const chunks = stream[Symbol.asyncIterator]()
  for (;;) {
    const timer = setTimeout(() => stream.destroy(SLOW(idleMs)), idleMs)
    waits.count += 1
    const { done, value } = await chunks.next().finally(() => {
      clearTimeout(timer)
      waits.count -= 1
    })
    if (done) return
    yield value
  }
}

/** @throws {FetchFault} when there is more than `most` bytes */
async function readAll ({ first, rest }, most) {
  const chunks = [first]
  let bytes = first.length
  for await (const chunk of rest) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > most) throw new FetchFault('SourceUnreadable', `a playlist has more than ${most} bytes. Name the one of a live window.`)
  }
  return Buffer.concat(chunks)
}

/**
 * Copy a body; where it breaks off the rest is asked for.
 *
 * @param {object} from `body` (of `firstOf`), `range` that was asked for, `open(headers)` to ask again, `idleMs`, `waits`
 * @param {http.ServerResponse} to
 * @throws {FetchFault|Error} when it cannot be resumed
 */
async function copyBody ({ body, range, open, idleMs, waits }, to) {
  const { stream: { headers, statusCode } } = body
  const [, from = '0', last = ''] = /^bytes=(\d+)-(\d*)/.exec(range ?? '') ?? []
  const hasRanges = statusCode === 206 || headers['accept-ranges'] === 'bytes'
  const same = headers.etag?.startsWith('"') ? headers.etag : headers['last-modified']
  let [at, left] = [Number(from), MOST_RESUMPTIONS]
  for (let now = body; ;) {
    try {
      for await (const chunk of chunksOf(now)) {
        at += chunk.length
        left = MOST_RESUMPTIONS
        if (!to.write(chunk)) await drained(to)
      }
      to.end()
      return
    } catch (error) {
      if (to.destroyed || !hasRanges || left === 0) throw error
      left -= 1
      const { upstream } = await open({ range: `bytes=${at}-${last}`, ...(same && { 'if-range': same }) })
      if (to.destroyed) {
        upstream.destroy()
        return
      }
      to.once('close', () => upstream.destroy())
      if (upstream.statusCode !== 206) throw new FetchFault('SourceChanged', 'it became another file while it was read. It is read anew.')
      now = { first: null, rest: untilIdle(upstream, idleMs, waits) }
    }
  }
}

async function * chunksOf ({ first, rest }) {
  if (first) yield first
  yield * rest
}

async function drained (to) {
  if (to.destroyed) throw new Error('nobody reads any more')
  const controller = new AbortController()
  const { signal } = controller
  await Promise.race([once(to, 'drain', { signal }), once(to, 'close', { signal })]).finally(() => controller.abort())
  if (to.destroyed) throw new Error('nobody reads any more')
}

module.exports = { firstOf, readAll, copyBody, untilIdle }
