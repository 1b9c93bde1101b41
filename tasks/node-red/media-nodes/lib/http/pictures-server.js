'use strict'

const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')
const realClock = require('../clock')
const { answerWithFile } = require('./file-answer')
const { Traffic } = require('./traffic')
const { answerWhep, isWhep } = require('./whep')

const PAGE_FOLDER = path.join(__dirname, 'page')
const PAGE = fs.readFileSync(path.join(PAGE_FOLDER, 'page.html'), 'utf8')
const HLS_JS = 'hls.js/dist/hls.light.min.js'

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.m4s': 'video/iso.segment',
  '.mp4': 'video/mp4'
}
const [NEVER_KEPT, ASKED_AGAIN, KEPT] = ['no-store', 'no-cache', 'public, max-age=31536000, immutable']
/** What there is, whatever else is in the folders: of each, how long a browser may keep it. */
const FILES = [
  { path: /^\/hls\/(index|([23]\/)?live)\.m3u8$/, caching: ASKED_AGAIN },
  // Their names are never used again: see the packager.
  { path: /^\/hls\/([23]\/)?(live-\d+\.m4s|init-\d+\.mp4)$/, caching: KEPT },
  { path: /^\/still\.jpg$/, caching: NEVER_KEPT }
]
const PAGE_FILES = { '/page/page.css': ASKED_AGAIN, '/page/page.js': ASKED_AGAIN, '/page/player.js': ASKED_AGAIN, '/page/low-latency.js': ASKED_AGAIN }
/** Players on pages of other origins may have everything that is served, and read what they are told of it. */
const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Length, Content-Range, Date, ETag, Location, Retry-After',
  'Cross-Origin-Resource-Policy': 'cross-origin'
}
const METHODS = 'GET, HEAD, OPTIONS'
const PREFLIGHT = { 'Access-Control-Allow-Methods': METHODS, 'Access-Control-Allow-Headers': 'Range, If-Range, If-None-Match, Cache-Control, Content-Type', 'Access-Control-Max-Age': 86_400 }
const WHEP_PREFLIGHT = { ...PREFLIGHT, 'Access-Control-Allow-Methods': 'POST, DELETE, OPTIONS' }
/** hls.js makes its worker of a blob, and plays one. */
const PAGE_POLICY = "default-src 'none'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; style-src 'self'; script-src 'self'; worker-src blob:"

const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** hls.js as npm has installed it beside Node-RED; without it, only browsers that play HLS by themselves do. */
function findHlsJs () {
  try {
    return require.resolve(HLS_JS)
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
    return null
  }
}

function send (request, response, status, type, text, headers = {}) {
  response.writeHead(status, { ...HEADERS, 'Content-Type': type, 'Content-Length': Buffer.byteLength(text), 'Cache-Control': NEVER_KEPT, ...headers })
  response.end(request.method === 'HEAD' ? undefined : text)
}

const TEXT = 'text/plain; charset=utf-8'
const sendText = (request, response, status, text, headers) => send(request, response, status, TEXT, text + '\n', headers)

/**
 * A web server, read only, for the pictures of an encoder: `/` (a page to watch), `/hls/live.m3u8` and its segments, `/still.jpg`,
 * `/state.json` (see WatchState) and the recording that it names; and of `/whep`, behind which another process sends them.
 *
 * @param {string} mediaDir folder with `hls/` and `still.jpg`
 * @param {string} title heading of the page
 * @param {object} [more] `watchState` (see WatchState), `clock` (see clock.js), `lowLatency` (see answerWhep; without it there is none)
 * @returns {http.Server} not listening yet
 */
function picturesServer (mediaDir, title, { watchState, clock = realClock, lowLatency = null } = {}) {
  const page = PAGE.replaceAll('{{title}}', () => escapeHtml(title)) // a text would be read as a pattern: $&
  const hlsJs = findHlsJs()

  /** The file that a request's path stands for, or null. */
  async function fileOf (pathname) {
    const known = FILES.find((one) => one.path.test(pathname))
    if (known) return { file: path.join(mediaDir, pathname), caching: known.caching }
    if (Object.hasOwn(PAGE_FILES, pathname)) return { file: path.join(__dirname, pathname), caching: PAGE_FILES[pathname] }
    if (pathname === '/page/hls.js' && hlsJs) return { file: hlsJs, caching: ASKED_AGAIN }
    const recording = await watchState?.recording()
    return recording && pathname === recording.path ? { file: recording.file, caching: ASKED_AGAIN } : null
  }

  async function answer (request, response) {
    const [pathname] = request.url.split('?', 1)
    const isForWhep = lowLatency !== null && isWhep(pathname)
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { ...HEADERS, ...(isForWhep ? WHEP_PREFLIGHT : PREFLIGHT) }).end()
      return
    }
    if (!isForWhep && request.method !== 'GET' && request.method !== 'HEAD') return sendText(request, response, 405, 'Read only', { Allow: METHODS })
    const refusal = traffic.refusal
    if (refusal) return sendText(request, response, 503, 'Too many are watching from this machine. Try again soon.', refusal)
    if (isForWhep) {
      const { status, text, headers } = await answerWhep(request, pathname, lowLatency)
      return send(request, response, status, TEXT, text, headers)
    }
    if (pathname === '/') return send(request, response, 200, 'text/html; charset=utf-8', page, { 'Content-Security-Policy': PAGE_POLICY })
    if (pathname === '/state.json' && watchState) return send(request, response, 200, TYPES['.json'], JSON.stringify({ ...await watchState.look(), hasLowLatency: lowLatency !== null }))
    const found = await fileOf(pathname)
    if (!found) return sendText(request, response, 404, 'Not here')
    const headers = { ...HEADERS, 'Content-Type': TYPES[path.extname(found.file)], 'Cache-Control': found.caching }
    if (!(await answerWithFile(request, response, found.file, headers))) sendText(request, response, 404, 'Not there yet')
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const traffic = new Traffic(server, clock)
  return server
}

module.exports = { picturesServer }
