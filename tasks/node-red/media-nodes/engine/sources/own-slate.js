'use strict'

const { execFile } = require('node:child_process')
const { EventEmitter } = require('node:events')
const fs = require('node:fs/promises')
const { promisify } = require('node:util')
const { conformPictures } = require('./ingest/conform')

const run = promisify(execFile)
const [LARGEST_BYTES, MOST_PIXELS] = [20_000_000, 2 ** 26]
const [AGAIN_MS, DRAWN_MS] = [10_000, 10_000]
/** What each begins with; nothing else is given to a decoder. */
const KINDS = { png_pipe: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), jpeg_pipe: Buffer.from([0xff, 0xd8, 0xff]) }

/** The arguments of the FFmpeg that conforms a slate, which comes in at pipe 0: one raw picture comes out on pipe 1. */
function ownSlateArguments (kind, format) {
  // The colours of a JPEG are said in it, a PNG has none to say; what shines through is black.
  const conformed = conformPictures(format, { crop: false }, { rate: format.rate.value, isRgb: true })
  return [
    '-hide_banner', '-loglevel', 'error', '-max_pixels', String(MOST_PIXELS), '-protocol_whitelist', 'pipe', '-f', kind, '-i', 'pipe:0',
    '-vf', `format=gbrap,premultiply=inplace=1,format=gbrp,${conformed}`, '-frames:v', '1', '-f', 'rawvideo', 'pipe:1'
  ]
}

/**
 * A picture that is shown in place of the standard slates: a PNG or JPEG of a file, of S3 or of a web server, fetched through the media server. While
 * it cannot be had it is asked for again, and the standard slates are shown.
 *
 * Event: `trouble` (text) when it cannot be had for another reason than before.
 */
class OwnSlate extends EventEmitter {
  lastError = null
  #place
  #time
  #location = null
  #picture = null
  #timer = null
  #loading = Promise.resolve()

  /**
   * @param {object} place `ffmpegPath`, `format`, `pool`, `mediaServer`
   * @param {object} time `setTimeout`, `clearTimeout`
   */
  constructor (place, time) {
    super()
    this.#place = place
    this.#time = time
  }

  /** It stays this object's; null while there is none. */
  get picture () {
    return this.#picture
  }

  /** Whether it is shown, and why not; null where none is asked for. */
  get figures () {
    return this.#location && { isShown: this.#picture !== null, lastError: this.lastError }
  }

  /** @param {string|null} location an absolute path, an http(s) URL or s3://bucket/key; null for none */
  use (location) {
    if (location === this.#location) return
    this.#location = location
    this.#time.clearTimeout(this.#timer)
    this.#take(null)
    this.lastError = null
    if (location !== null) this.#load(location)
  }

  /** Resolves when nothing of it runs any more. */
  async stop () {
    this.use(null)
    await this.#loading
  }

  #load (location) {
    this.#loading = this.#loading.then(() => this.#attempt(location))
  }

  async #attempt (location) {
    if (this.#location !== location) return
    try {
      const picture = await this.#draw(await this.#fetch(location))
      if (this.#location !== location) return picture.release()
      this.#take(picture)
      this.lastError = null
    } catch (error) {
      if (this.#location === location) this.#failed(location, error)
    }
  }

  #take (picture) {
    this.#picture?.release()
    this.#picture = picture
  }

  #failed (location, { message }) {
    const told = `SlateUnavailable: ${message} The standard slates are shown meanwhile.`
    if (told !== this.lastError) this.emit('trouble', told)
    this.lastError = told
    this.#timer = this.#time.setTimeout(() => this.#load(location), AGAIN_MS)
  }

  async #fetch (location) {
    if (location.startsWith('/')) return this.#read(location)
    const { mediaServer } = this.#place
    const address = mediaServer.add({ location })
    try {
      return await wholeOf(await fetch(address))
    } catch (error) {
      throw new Error(mediaServer.faultOf(address)?.text ?? error.message)
    } finally {
      mediaServer.remove(address)
    }
  }

  async #read (location) {
    try {
      const { size } = await fs.stat(location)
      return size > LARGEST_BYTES ? null : await fs.readFile(location)
    } catch (error) {
      throw new Error(`its file cannot be read (${error.code}). Put it there, or name another.`)
    }
  }

  async #draw (bytes) {
    if (bytes === null) throw new Error(`it has more than ${LARGEST_BYTES / 1e6} MB. Make it smaller.`)
    const { ffmpegPath, format, pool } = this.#place
    const [kind] = Object.entries(KINDS).find(([, begin]) => bytes.subarray(0, begin.length).equals(begin)) ?? []
    if (!kind) throw new Error('it is no PNG and no JPEG. Name one.')
    const bounds = { maxBuffer: 2 * pool.pictureBytes, timeout: DRAWN_MS, killSignal: 'SIGKILL' }
    const drawing = run(ffmpegPath, ownSlateArguments(kind, format), { encoding: 'buffer', ...bounds })
    drawing.child.stdin.on('error', () => {}).end(bytes)
    const { stdout } = await drawing.catch(() => ({ stdout: '' }))
    if (stdout.length !== pool.pictureBytes) throw new Error('it cannot be decoded. See whether it is whole, and no larger than 8192x8192.')
    const picture = pool.take()
    picture.bytes.set(stdout)
    return picture
  }
}

/** All of an answer; null of one that is too large. */
async function wholeOf (response) {
  const chunks = []
  let length = 0
  if (!response.ok) throw new Error(`it was answered ${response.status}.`)
  for await (const chunk of response.body) {
    length += chunk.length
    if (length > LARGEST_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

module.exports = { OwnSlate, ownSlateArguments }
