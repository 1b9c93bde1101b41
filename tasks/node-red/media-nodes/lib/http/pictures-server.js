'use strict'

const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')
const { pipeline } = require('node:stream')

const PAGE = fs.readFileSync(path.join(__dirname, 'pictures-page.html'), 'utf8')
const HLS_FILE = /^\/hls\/(live\.(m3u8)|live-\d+\.(m4s)|init-\d+\.(mp4))$/
const TYPES = { m3u8: 'application/vnd.apple.mpegurl', m4s: 'video/iso.segment', mp4: 'video/mp4', jpg: 'image/jpeg' }
const HEADERS = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' }
const PAGE_POLICY = "default-src 'none'; img-src 'self'; media-src 'self' blob:; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' }

function escapeHtml (text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** The file that a request's path stands for, or null: only these exist, whatever else is in the folder. */
function fileOf (pathname, mediaDir) {
  if (pathname === '/still.jpg') return { file: path.join(mediaDir, 'still.jpg'), type: TYPES.jpg }
  const [, name, ...endings] = HLS_FILE.exec(pathname) ?? []
  return name ? { file: path.join(mediaDir, 'hls', name), type: TYPES[endings.find(Boolean)] } : null
}

function sendText (response, status, text, headers = {}) {
  response.writeHead(status, { ...HEADERS, ...TEXT, ...headers }).end(text + '\n')
}

function sendFile (request, response, { file, type }) {
  const stream = fs.createReadStream(file)
  stream.on('error', () => {
    if (response.headersSent) response.destroy()
    else sendText(response, 404, 'Not there yet')
  })
  stream.on('open', (descriptor) => {
    fs.fstat(descriptor, (error, facts) => {
      if (error) return stream.destroy(error)
      response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': facts.size })
      if (request.method !== 'HEAD') return pipeline(stream, response, () => {})
      stream.destroy()
      response.end()
    })
  })
}

/**
 * A web server, read only, for the pictures of an encoder: `/` (a page to watch), `/hls/live.m3u8` and its segments,
 * `/still.jpg`.
 *
 * @param {string} mediaDir folder with `hls/` and `still.jpg`
 * @param {string} title heading of the page
 * @returns {http.Server} not listening yet
 */
function picturesServer (mediaDir, title) {
  const page = PAGE.replaceAll('{{title}}', () => escapeHtml(title)) // a text would be read as a pattern: $&
  return http.createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendText(response, 405, 'Read only', { Allow: 'GET, HEAD' })
    }
    const [pathname] = request.url.split('?', 1)
    if (pathname === '/') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': PAGE_POLICY })
      return response.end(request.method === 'HEAD' ? undefined : page)
    }
    const known = fileOf(pathname, mediaDir)
    if (known) sendFile(request, response, known)
    else sendText(response, 404, 'Not here')
  })
}

module.exports = { picturesServer }
