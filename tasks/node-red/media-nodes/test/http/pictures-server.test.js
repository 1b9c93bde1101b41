'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { picturesServer } = require('../../lib/http/pictures-server')
const { LOOK_MS, MOST_CONNECTIONS } = require('../../lib/http/traffic')
const { eventually } = require('../../test-support/eventually')
const { FakeClock } = require('../../test-support/fake-clock')

const mediaDir = fs.mkdtempSync(path.join(os.tmpdir(), 'pictures-'))
const recording = { path: '/recording/a%20show.mp4', file: path.join(mediaDir, 'a show.mp4') }
const clock = new FakeClock()
const watchState = { look: async () => ({ state: 'live' }), recording: async () => recording }
const server = picturesServer(mediaDir, 'Final <2> & more $$$ $& $`', { watchState, clock })
const SEGMENT = '0123456789'
const PLAYLIST = { type: 'application/vnd.apple.mpegurl', caching: 'no-cache' }
const KEPT = 'public, max-age=31536000, immutable'

before(async () => {
  fs.mkdirSync(path.join(mediaDir, 'hls'))
  fs.mkdirSync(path.join(mediaDir, 'hls', 'live-7.m4s'))
  const files = { 'still.jpg': 'JPEG', 'hls/live.m3u8': '#EXTM3U', 'hls/live-1.m4s': SEGMENT, 'hls/init-1.mp4': 'INIT', 'hls/live-2.m4s': '', 'encoder.mp4': 'MP4', 'a show.mp4': 'SHOW', 'hls/other.m4s': 'no', 'hls/live-3.m4s.part': 'no' }
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(mediaDir, file), text)
  fs.symlinkSync(path.join(mediaDir, 'encoder.mp4'), path.join(mediaDir, 'hls', 'link.m4s'))
  fs.writeFileSync(path.join(mediaDir, 'hls', 'live-9.m4s'), Buffer.alloc(64_000_000))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
})
after(() => {
  server.close()
  server.closeAllConnections()
  fs.rmSync(mediaDir, { recursive: true })
})

/** http.request leaves the path as it is, where fetch would tidy up the dots. */
function ask (target, { method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ port: server.address().port, path: target, method, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => { body += chunk })
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
    })
    request.on('error', reject)
    request.end()
  })
}

test('the page bears the title, as text, and may load nothing from elsewhere', async () => {
  const { status, body, headers } = await ask('/')
  assert.equal(status, 200)
  assert.ok(body.includes('<h1>Final &#60;2&#62; &#38; more $$$ $&#38; $`</h1>'), body.slice(0, 300))
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.match(headers['content-security-policy'], /default-src 'none'.*script-src 'self'/)
  assert.doesNotMatch(body, /https?:/)
})

const SERVED = {
  '/still.jpg?123': ['image/jpeg', 'no-store', 'JPEG'],
  '/hls/live.m3u8': [PLAYLIST.type, PLAYLIST.caching, '#EXTM3U'],
  '/hls/live-1.m4s': ['video/iso.segment', KEPT, SEGMENT],
  '/hls/live-2.m4s': ['video/iso.segment', KEPT, ''],
  '/hls/init-1.mp4': ['video/mp4', KEPT, 'INIT'],
  '/recording/a%20show.mp4': ['video/mp4', 'no-cache', 'SHOW'],
  '/state.json': ['application/json', 'no-store', '{"state":"live","hasLowLatency":false}']
}
for (const [target, [type, caching, body]] of Object.entries(SERVED)) {
  test(`${target}: its type, how long it may be kept, and who may read it`, async () => {
    const told = await ask(target)
    assert.deepEqual([told.status, told.headers['content-type'], told.headers['cache-control'], told.body], [200, type, caching, body])
    assert.equal(told.headers['access-control-allow-origin'], '*')
    const head = await ask(target, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, String(body.length), ''])
  })
}

test('the page\'s own files are there, hls.js among them', async () => {
  for (const name of ['page.css', 'page.js', 'player.js', 'hls.js']) {
    const { status, headers, body } = await ask(`/page/${name}`)
    assert.deepEqual([status, headers['cache-control']], [200, 'no-cache'], name)
    assert.match(headers['content-type'], name.endsWith('css') ? /^text\/css/ : /^text\/javascript/)
    const again = await ask(`/page/${name}`, { headers: { 'If-None-Match': headers.etag } })
    assert.deepEqual([again.status, again.body], [304, ''])
    assert.ok(body.length > 500)
  }
})

test('nothing else is', async () => {
  const others = [
    '/hls', '/hls/', '/hls/other.m4s', '/hls/link.m4s', '/hls/live-7.m4s', '/hls/live-3.m4s.part', '/encoder.mp4', '/hls/../encoder.mp4', '/hls/..%2fencoder.mp4', '/../etc/passwd',
    '//etc/passwd', '/hls/live-1.m4s/..', '/hls/live-1.m4s%00', '/hls/live.m3u8.tmp', '/index.html', '/page/', '/page/page.html', '/page/../pictures-server.js', '/page/constructor',
    '/recording/encoder.mp4', '/recording/..%2fencoder.mp4', '/recording/a show.mp4'.replace(' ', '+'), '/hls/live-8.m4s'
  ]
  for (const target of others) assert.equal((await ask(target)).status, 404, target)
})

test('it is read only', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const { status, headers } = await ask('/still.jpg', { method })
    assert.deepEqual([status, headers.allow, headers['access-control-allow-origin']], [405, 'GET, HEAD, OPTIONS', '*'])
  }
})

test('a player on another origin may ask for all of it, ranges too', async () => {
  for (const target of ['/', '/hls/live.m3u8', '/hls/live-1.m4s', '/state.json', '/nowhere']) {
    const { status, headers } = await ask(target, { method: 'OPTIONS', headers: { Origin: 'https://player.example', 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'range' } })
    assert.deepEqual([status, headers['access-control-allow-origin']], [204, '*'])
    assert.match(headers['access-control-allow-methods'], /GET, HEAD/)
    assert.match(headers['access-control-allow-headers'], /Range/)
  }
  assert.match((await ask('/hls/live-1.m4s')).headers['access-control-expose-headers'], /Content-Range/)
})

const RANGES = {
  'bytes=0-3': [206, '0123', 'bytes 0-3/10'],
  'bytes=4-': [206, '456789', 'bytes 4-9/10'],
  'bytes=-3': [206, '789', 'bytes 7-9/10'],
  'bytes=-99': [206, SEGMENT, 'bytes 0-9/10'],
  'bytes=8-99': [206, '89', 'bytes 8-9/10'],
  'bytes=10-': [416, '', 'bytes */10'],
  'bytes=-0': [416, '', 'bytes */10'],
  'bytes=3-2': [200, SEGMENT, undefined],
  'bytes=0-1,4-5': [200, SEGMENT, undefined],
  'bytes=-': [200, SEGMENT, undefined],
  'pictures=0-3': [200, SEGMENT, undefined]
}
for (const [range, [status, body, told]] of Object.entries(RANGES)) {
  test(`Range: ${range}`, async () => {
    const answer = await ask('/hls/live-1.m4s', { headers: { Range: range } })
    assert.deepEqual([answer.status, answer.body, answer.headers['content-range'], answer.headers['accept-ranges']], [status, body, told, 'bytes'])
    if (status !== 416) assert.equal(answer.headers['content-length'], String(body.length))
  })
}

test('a range of another file than the one that was seen before is not given', async () => {
  const { headers: { etag } } = await ask('/hls/live-1.m4s')
  assert.equal((await ask('/hls/live-1.m4s', { headers: { Range: 'bytes=0-3', 'If-Range': etag } })).body, '0123')
  assert.equal((await ask('/hls/live-1.m4s', { headers: { Range: 'bytes=0-3', 'If-Range': '"another"' } })).body, SEGMENT)
})

/** Connections over which nothing is asked. */
async function idle (count) {
  const sockets = Array.from({ length: count }, () => net.connect(server.address().port, '127.0.0.1').on('error', () => {}))
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
  return sockets
}
const connections = () => new Promise((resolve) => server.getConnections((error, count) => resolve(error ? -1 : count)))

test('more connections than it bears: who comes then is told to try again, and can once others have gone', async () => {
  await eventually('all others are gone', async () => await connections() === 0)
  const sockets = await idle(MOST_CONNECTIONS)
  try {
    await eventually('they are there', async () => await connections() === MOST_CONNECTIONS)
    const { status, headers } = await ask('/hls/live.m3u8')
    assert.deepEqual([status, headers['retry-after'], headers.connection, headers['access-control-allow-origin']], [503, '2', 'close', '*'])
    for (const socket of sockets.splice(0, 10)) socket.destroy()
    await eventually('some have gone', async () => (await ask('/hls/live.m3u8')).status === 200)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
})

test('a reader who reads nothing is ended, one who reads is not', async () => {
  const request = `GET /hls/live-9.m4s HTTP/1.1\r\nHost: x\r\n\r\n`
  const [slow, quick] = await idle(2)
  let read = 0
  const ended = new Promise((resolve) => quick.once('close', resolve))
  quick.on('data', (chunk) => { read += chunk.length })
  slow.pause()
  try {
    slow.write(request)
    await eventually('the way to it is full', async () => {
      clock.pass(LOOK_MS)
      return await connections() <= 1
    })
    quick.write(request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    for (let count = 0; read < 64_000_000; count++) {
      const before = read
      await eventually('more is read', () => read > before + 200_000 || read >= 64_000_000)
      clock.pass(LOOK_MS)
      assert.ok(count < 10_000)
    }
    await ended
  } finally {
    slow.destroy()
    quick.destroy()
  }
})
