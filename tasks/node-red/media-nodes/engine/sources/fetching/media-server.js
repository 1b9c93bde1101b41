'use strict'

const { createHash, randomBytes } = require('node:crypto')
const http = require('node:http')
const path = require('node:path')
const { AddressCheck } = require('./address-check')
const { copyBody, firstOf, readAll } = require('./body')
const { FetchFault, faultOfStatus } = require('./fetch-fault')
const { TELLING_BYTES, isPlaylist, rewritePlaylist } = require('./playlist')
const { S3Fetch } = require('./s3-fetch')
const { webFetch } = require('./web-fetch')

const KINDS = new Set(['url', 's3'])
/** Addresses of a playlist that are remembered, the newest ones: a live one has new ones every few seconds. */
const MOST_ADDRESSES = 5000
const LARGEST_PLAYLIST = 4_000_000
const ROOT = 'source'
const EXTENSION = /^\.[a-z0-9]{1,5}$/i
const PASSED_ON = ['content-type', 'content-length', 'content-range', 'accept-ranges']

/**
 * What FFmpeg reads of `url` and `s3` sources: a server on loopback that fetches by itself, so that nothing signed stands on a command line,
 * every address is looked at, and an object has ranges.
 */
class MediaServer {
  #served = new Map()
  #server = http.createServer((request, response) => this.#answer(request, response))
  #check
  #s3
  #timings

  /**
   * @param {object} [how]
   * @param {object} [how.addresses] of AddressCheck
   * @param {object} [how.s3] of S3Fetch: `endpoint`, `region`, `credentials`
   * @param {number} [how.answerMs] how long an answer may take
   * @param {number} [how.idleMs] how long an answer may pause
   */
  constructor ({ addresses, s3 = {}, answerMs = 10_000, idleMs = 10_000 } = {}) {
    this.#check = new AddressCheck(addresses)
    this.#s3 = new S3Fetch({ ...s3, answerMs, idleMs, check: this.#check })
    this.#timings = { answerMs, idleMs }
  }

  /** Begin to serve, on a port of loopback that is free. */
  async listen () {
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(0, '127.0.0.1', resolve))
  }

  /** Serve no more. */
  async close () {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** Whether a source is read through this server. */
  serves ({ kind }) {
    return KINDS.has(kind)
  }

  /**
   * Serve a source.
   *
   * @param {object} source `kind` (`url` or `s3`), `location`
   * @param {(fault: FetchFault) => void} [onFault] told of each thing that cannot be had
   * @returns {string} the address that FFmpeg reads
   */
  add ({ location }, onFault = () => {}) {
    const token = randomBytes(16).toString('hex')
    const served = { onFault, fault: null, brokeOff: false, hasNoRanges: false, waits: { count: 0 }, locations: new Map([[ROOT, location]]) }
    this.#served.set(token, served)
    return this.#addressOf(token, ROOT, location)
  }

  /** Serve it no more; what is being read of it ends. */
  remove (address) {
    this.#served.delete(tokenOf(address))
  }

  /** Why a source could not be had the last time; null when nothing was wrong here. */
  faultOf (address) {
    const { fault, hasNoRanges } = this.#served.get(tokenOf(address)) ?? {}
    if (fault) return { reason: fault.reason, text: fault.message }
    if (!hasNoRanges) return null
    return {
      reason: 'NoRanges',
      text: 'NoRanges: the server gives whole files only, and this one cannot be read from its beginning. ' +
        'Put its index first (ffmpeg -movflags +faststart), or use a server with ranges.'
    }
  }

  /** Whether FFmpeg has to wait for what was asked for elsewhere. */
  isWaiting (address) {
    return (this.#served.get(tokenOf(address))?.waits.count ?? 0) > 0
  }

  /** Whether it ended before its end the last time, which FFmpeg does not tell from its end. */
  brokeOff (address) {
    return this.#served.get(tokenOf(address))?.brokeOff ?? false
  }

  #addressOf (token, id, location) {
    const extension = path.posix.extname(location.replace(/[?#].*$/, ''))
    return `http://127.0.0.1:${this.#server.address().port}/${token}/${id}/media${EXTENSION.test(extension) ? extension : ''}`
  }

  async #answer (request, response) {
    const [, token, id] = request.url.split('/')
    const served = this.#served.get(token)
    const location = served?.locations.get(id)
    if (location === undefined || request.method !== 'GET') return end(response, 404)
    try {
      await this.#pass(served, token, location, request, response)
    } catch (error) {
      if (response.destroyed) return
      const why = `it broke off (${error.code ?? error.message}). It is asked again.`
      const fault = error instanceof FetchFault ? error : new FetchFault('SourceFailed', why)
      served.fault = fault
      served.onFault(fault)
      served.brokeOff = response.headersSent
      if (response.headersSent) response.destroy()
      else end(response, fault.status)
    }
  }

  async #pass (served, token, location, request, response) {
    const { range } = request.headers
    const open = async (headers) => {
      served.waits.count += 1
      return this.#open(location, headers).finally(() => { served.waits.count -= 1 })
    }
    const { upstream, url } = await open(range ? { range } : {})
    if (response.destroyed) {
      upstream.destroy()
      return
    }
    response.once('close', () => upstream.destroy())
    const isWhole = !range || /^bytes=0-/.test(range)
    if (!isWhole && upstream.statusCode === 200) served.hasNoRanges = true
    const body = await firstOf(upstream, TELLING_BYTES, this.#timings.idleMs, served.waits)
    Object.assign(served, { fault: null, brokeOff: false })
    if (isWhole && body.first && isPlaylist(body.first)) {
      const text = rewritePlaylist(String(await readAll(body, LARGEST_PLAYLIST)), (address) => this.#own(served, token, address, url))
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl', 'content-length': Buffer.byteLength(text) }).end(text)
      return
    }
    if (isWhole && range && upstream.statusCode === 200) served.hasNoRanges = true
    const passedOn = Object.fromEntries(PASSED_ON.filter((name) => upstream.headers[name]).map((name) => [name, upstream.headers[name]]))
    response.writeHead(upstream.statusCode, passedOn)
    await copyBody({ body, range, open, idleMs: this.#timings.idleMs, waits: served.waits }, response)
  }

  /** @throws {FetchFault} */
  async #open (location, headers) {
    if (location.startsWith('s3://')) return { upstream: await this.#s3.fetch(location, headers), url: null }
    const at = URL.parse(location)
    if (!at) throw new FetchFault('SourceMissing', 'this is no address. Write https://host/path.', 404)
    const { response: upstream, url } = await webFetch(at, { headers, check: this.#check, ...this.#timings })
    const fault = faultOfStatus(upstream.statusCode, at.host)
    if (!fault) return { upstream, url }
    upstream.destroy()
    throw fault
  }

  /** An address of a playlist becomes one of this server, the same one each time the playlist is read. */
  #own (served, token, address, base) {
    const absolute = base ? URL.parse(address, base)?.href : null
    if (!absolute) {
      const text = 'a playlist names what is no address, or it lies in S3, where none can be followed. Use one file, or serve it by https.'
      throw new FetchFault('AddressRefused', text, 403)
    }
    const id = createHash('sha256').update(absolute).digest('hex').slice(0, 24)
    served.locations.delete(id)
    served.locations.set(id, absolute)
    if (served.locations.size > MOST_ADDRESSES) {
      const oldest = [...served.locations.keys()].find((key) => key !== ROOT)
      served.locations.delete(oldest)
    }
    return this.#addressOf(token, id, absolute)
  }
}

function tokenOf (address) {
  return new URL(address).pathname.split('/')[1]
}

function end (response, status) {
  response.writeHead(status, { 'content-length': 0 }).end()
}

module.exports = { MediaServer }
