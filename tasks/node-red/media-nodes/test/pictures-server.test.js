'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { picturesServer } = require('../lib/http/pictures-server')

const mediaDir = fs.mkdtempSync(path.join(os.tmpdir(), 'pictures-'))
const server = picturesServer(mediaDir, 'Final <2> & more $$$ $& $`')

before(async () => {
  fs.mkdirSync(path.join(mediaDir, 'hls'))
  for (const [file, text] of [['still.jpg', 'JPEG'], ['hls/live.m3u8', '#EXTM3U'], ['hls/live-1.m4s', 'M4S'], ['encoder.mp4', 'MP4'], ['hls/other.m4s', 'no']]) {
    fs.writeFileSync(path.join(mediaDir, file), text)
  }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
})
after(() => {
  server.close()
  server.closeAllConnections()
  fs.rmSync(mediaDir, { recursive: true })
})

/** http.request leaves the path as it is, where fetch would tidy up the dots. */
function ask (target, method = 'GET') {
  return new Promise((resolve, reject) => {
    const request = http.request({ port: server.address().port, path: target, method }, (response) => {
      let body = ''
      response.on('data', (chunk) => { body += chunk })
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
    })
    request.on('error', reject)
    request.end()
  })
}

test('the page bears the title, as text', async () => {
  const { status, body, headers } = await ask('/')
  assert.equal(status, 200)
  assert.ok(body.includes('<h1>Final &#60;2&#62; &#38; more $$$ $&#38; $`</h1>'), body.slice(0, 300))
  assert.equal(headers['x-content-type-options'], 'nosniff')
})

test('still, playlist and segments are served', async () => {
  assert.deepEqual((await ask('/still.jpg?123')).body, 'JPEG')
  assert.equal((await ask('/hls/live.m3u8')).headers['content-type'], 'application/vnd.apple.mpegurl')
  assert.equal((await ask('/hls/live-1.m4s')).body, 'M4S')
  assert.deepEqual([(await ask('/still.jpg', 'HEAD')).headers['content-length'], (await ask('/still.jpg', 'HEAD')).body], ['4', ''])
})

test('nothing else is', async () => {
  const others = [
    '/hls', '/hls/', '/hls/other.m4s', '/encoder.mp4', '/hls/../encoder.mp4', '/hls/..%2fencoder.mp4', '/../etc/passwd',
    '//etc/passwd', '/hls/live-1.m4s/..', '/hls/live-1.m4s%00', '/hls/live.m3u8.tmp', '/index.html'
  ]
  for (const target of others) assert.equal((await ask(target)).status, 404, target)
})

test('a segment that is gone is not there', async () => {
  assert.equal((await ask('/hls/live-9.m4s')).status, 404)
})

test('it is read only', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) assert.equal((await ask('/still.jpg', method)).status, 405)
})
