'use strict'

/** What the media server has open to an origin ends with whoever reads it, and with an origin that stops in the middle. */

const assert = require('node:assert/strict')
const { once } = require('node:events')
const http = require('node:http')
const { afterEach, beforeEach, describe, it } = require('node:test')
const { MediaServer } = require('../../../engine/sources/fetching/media-server')
const { eventually } = require('../../../test-support/eventually')
const { webServer } = require('../../../test-support/web-server')

const SIZE = 1_000_000_000
const HEADERS = { 'content-length': SIZE, 'content-type': 'video/mp4', 'accept-ranges': 'bytes', etag: '"1"' }
let origin, media, asked, answer

beforeEach(async () => {
  asked = []
  answer = null
  origin = await webServer((request, response) => {
    asked.push(response)
    answer?.(request, response)
  })
  media = new MediaServer({
    addresses: { allowsLoopback: true }, s3: { endpoint: origin.address, credentials: async () => null }, answerMs: 60_000, idleMs: 200
  })
  await media.listen()
})
afterEach(() => Promise.all([media, origin].map((server) => server.close())))

/** The media server has heard all that was before this. */
const settled = async () => (await fetch(`${new URL(media.add({ kind: 'url', location: '' })).origin}/0/0/x`)).status

/** Somebody who reads goes away. */
async function goes (reader) {
  await new Promise((resolve) => reader.once('close', resolve).destroy())
  await settled()
}
const over = (response) => eventually('the connection to the origin ends', () => response.destroyed, 5)

describe('who read went away', () => {
  it('before the origin answered: the answer is not waited for', async () => {
    const reader = http.get(media.add({ kind: 'url', location: `${origin.address}/a.mp4` })).on('error', () => {})
    await eventually('the origin is asked', () => asked.length === 1)
    await goes(reader)
    asked[0].writeHead(200, HEADERS).write(Buffer.alloc(1000))
    await over(asked[0])
  })

  it('before the origin went on where it broke off', async () => {
    answer = (request, response) => {
      if (!request.headers.range) response.writeHead(200, HEADERS).write(Buffer.alloc(1000))
    }
    const reader = http.get(media.add({ kind: 'url', location: `${origin.address}/a.mp4` })).on('error', () => {})
    const [response] = await once(reader, 'response')
    response.on('error', () => {}).resume()
    asked[0].destroy()
    await eventually('the origin is asked again', () => asked.length === 2)
    await goes(reader)
    asked[1].writeHead(206, { ...HEADERS, 'content-length': SIZE - 1000, 'content-range': `bytes 1000-${SIZE - 1}/${SIZE}` }).write(Buffer.alloc(1000))
    await over(asked[1])
  })
})

describe('S3 says no', () => {
  /** What is told of an object. */
  async function told () {
    const faults = []
    const { status } = await fetch(media.add({ kind: 's3', location: 's3://bucket/key' }, (fault) => faults.push(fault.message)))
    return { status, faults }
  }

  it('and stops in the middle of why: that is told', async () => {
    answer = (request, response) => response.writeHead(404, { 'content-length': 1000 }).write('<Error>')
    const { status, faults } = await told()
    assert.equal(status, 504)
    assert.match(faults.join(), /^SourceSlow: nothing came for 0.2 s/)
    await over(asked[0])
  })

  it('and breaks off in the middle of why: that is told', async () => {
    answer = (request, response) => response.writeHead(404, { 'content-length': 1000 }).write('<Error>', () => response.destroy())
    const { status, faults } = await told()
    assert.equal(status, 502)
    assert.match(faults.join(), /^SourceFailed: S3 answered 404, and broke off while it said why \(ECONNRESET\)/)
  })
})
