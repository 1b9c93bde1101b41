'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { credentialsOf } = require('../../../engine/sources/fetching/s3-fetch')
const { MediaServer } = require('../../../engine/sources/fetching/media-server')
const { conformed, makeIngest } = require('../../../test-support/measuring/conformed')
const { eventually } = require('../../../test-support/eventually')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { s3Server } = require('../../../test-support/s3/server')
const { make } = require('../../../test-support/samples')
const { sendFile, webServer } = require('../../../test-support/web-server')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fetched-'))
const PRODUCTION = { width: 64, height: 36, frameRate: 25 }
const METADATA = 'http://169.254.169.254/latest/meta-data/iam/security-credentials/'
const SECRET = 'hunter2-secret'
const at = (name) => path.join(folder, name)
const [CREDENTIALS, SECONDS] = [{ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: 'a/token+of=a session' }, 2]

/** Sound first and the index last: it can only be read by jumping. */
const indexLast = make(ffmpegPath, [
  '-f', 'lavfi', '-i', `testsrc=size=64x36:rate=25:duration=${SECONDS}`, '-f', 'lavfi', '-i', `sine=duration=${SECONDS}`, '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-g', '25',
  at('index-last.mp4')
])
const indexFirst = make(ffmpegPath, ['-i', indexLast, '-c', 'copy', '-movflags', '+faststart', at('index-first.mp4')])
/** More than FFmpeg keeps to go back in. */
make(ffmpegPath, ['-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25:duration=2,noise=alls=100:allf=t', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-qp', '10', at('large.mp4')])
const raw = make(ffmpegPath, ['-i', indexLast, '-c:v', 'mpeg2video', '-q:v', '1', '-c:a', 'copy', at('stream.ts')])
fs.writeFileSync(at('key'), '0123456789abcdef')
fs.writeFileSync(at('keyinfo'), `key\n${at('key')}\n`)
for (const [name, args] of [['plain', []], ['fragments', ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init.mp4']], ['encrypted', ['-hls_key_info_file', at('keyinfo')]]]) {
  fs.mkdirSync(at(name))
  make(ffmpegPath, ['-i', indexLast, '-c', 'copy', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', ...args, at(`${name}/list.m3u8`)])
}
fs.cpSync(at('key'), at('encrypted/key'))
fs.writeFileSync(at('refused.m3u8'), fs.readFileSync(at('plain/list.m3u8'), 'utf8').replaceAll(/^list/gm, 'plain/list').replace('plain/list1.ts', `${METADATA}x.ts`))
fs.writeFileSync(at('master.m3u8'), '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\nplain/list.m3u8\n')

let web, lone, media, s3, strict
before(async () => {
  const waits = []
  web = await webServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://h')
    const [, kind, ...rest] = pathname.split('/')
    if (kind === 'status') return response.writeHead(Number(rest[0]), { 'content-length': 0 }).end()
    if (kind === 'redirect') return response.writeHead(302, { location: Buffer.from(rest[0], 'base64url').toString(), 'content-length': 0 }).end()
    if (kind === 'endless') return response.writeHead(307, { location: `/endless/${Number(rest[0]) + 1}` }).end()
    if (kind === 'whole') return sendFile(request, response, at(rest.join('/')), { hasRanges: false })
    if (kind === 'silent') return
    if (kind === 'stalls') {
      response.writeHead(200, { 'content-length': 1_000_000 }).write(fs.readFileSync(indexFirst).subarray(0, 5000))
      return
    }
    if (kind === 'breaks' && !request.headers.range?.startsWith('bytes=4')) {
      const bytes = fs.readFileSync(raw)
      response.writeHead(200, { 'content-length': bytes.length, 'accept-ranges': 'bytes', etag: '"1"' }).write(bytes.subarray(0, 40_000))
      waits.push(setTimeout(() => response.destroy(), 50))
      return
    }
    if (kind === 'user' && request.headers.authorization !== `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`) return response.writeHead(401).end()
    const file = ['files', 'breaks', 'user'].includes(kind) ? at(rest.join('/')) : null
    if (!file || !fs.existsSync(file)) return response.writeHead(404).end()
    sendFile(request, response, file)
  })
  s3 = await s3Server({
    near: { region: 'us-east-1', objects: { 'a folder/key+ä (1).mp4': indexLast, 'key?v/2+=': indexFirst } },
    far: { region: 'eu-west-3', objects: { 'key.mp4': indexLast } },
    denied: { region: 'us-east-1', isDenied: true, objects: {} },
    silent: { region: 'eu-west-3', isSilent: true, objects: {} }
  }, CREDENTIALS)
  lone = await webServer((request, response) => sendFile(request, response, indexLast), '127.0.0.9')
  const lookup = (name, options, callback) => callback(null, { 'rebound.test': [{ address: '169.254.169.254', family: 4 }], 'fine.test': [{ address: '127.0.0.9', family: 4 }] }[name] ?? [{ address: 'fd00:ec2::254', family: 6 }])
  media = new MediaServer({
    addresses: { allowsLoopback: true, lookup }, s3: { endpoint: s3.address, credentials: async () => CREDENTIALS }, answerMs: 700, idleMs: 700
  })
  strict = new MediaServer()
  await Promise.all([media.listen(), strict.listen()])
})
after(async () => {
  await Promise.all([web, lone, s3, media, strict].map((server) => server.close()))
  fs.rmSync(folder, { recursive: true })
})

/** Its pictures come out; returns what was refused on the way. */
async function plays (source, { pictures: expected = SECONDS * 25, ...more } = {}) {
  const { pictures, inUse, lastError, notice } = await conformed(source, PRODUCTION, { ffmpegPath, mediaServer: media })
  assert.ok(Math.abs(pictures.length - expected) <= 2, `${pictures.length} pictures: ${lastError}, ${notice}`)
  assert.equal(inUse, 0)
  return notice
}

/** It comes to nothing, for a reason that has a name, and no secret is told. */
async function fails (source, reason, mediaServer = media) {
  const { ingest, close } = makeIngest({ name: 'source', ...source }, new PictureFormat(PRODUCTION), { ffmpegPath, mediaServer })
  const told = []
  ingest.on('trouble', (text) => told.push(text))
  ingest.start()
  try {
    await eventually('a fault', () => ingest.state === 'waiting', 6)
    assert.equal(ingest.reason, reason, ingest.lastError)
    told.push(ingest.lastError, ingest.notice ?? '')
    for (const text of told) assert.ok(!text.includes(SECRET) && !/[0-9a-f]{32}/.test(text), text)
    return ingest.lastError
  } finally {
    assert.deepEqual(await close(), { inUse: 0, left: [] })
  }
}
const url = (location, more) => ({ kind: 'url', location: location.startsWith('/') ? web.address + location : location, ...more })
const object = (location) => ({ kind: 's3', location })
const redirectTo = (location) => `/redirect/${Buffer.from(location).toString('base64url')}`

describe('url: plays', { concurrency: 2 }, () => {
  it('an MP4 with its index last', () => plays(url('/files/index-last.mp4')))
  it('a large MP4 with its index last', () => plays(url('/files/large.mp4')))
  it('an MP4 of a server without ranges', () => plays(url('/whole/index-first.mp4')))
  it('over redirects to another host', () => plays(url(redirectTo(`${lone.address}/x`))))
  it('by a name', () => plays(url(`http://fine.test:${lone.port}/x.mp4`)))
  it('with a user\'s name and password', () => plays(url(`http://me:${SECRET}@127.0.0.1:${web.port}/user/index-last.mp4`)))
  it('what broke off is asked for from there', () => plays(url('/breaks/stream.ts')))
  it('HLS', () => plays(url('/files/plain/list.m3u8')))
  it('HLS by a master playlist', () => plays(url('/files/master.m3u8')))
  it('HLS of fragments', () => plays(url('/files/fragments/list.m3u8')))
  it('HLS with a key, the playlist behind a redirect', () => plays(url(redirectTo(`${web.address}/files/encrypted/list.m3u8`))))
  it('HLS but for the segment that names the metadata address, which is said', async () => {
    assert.match(await plays(url('/files/refused.m3u8'), { pictures: 25 }), /^AddressRefused: .*169\.254\.169\.254/)
  })
  it('FFmpeg asks this engine alone, and for every part', async () => {
    const paths = web.requests.map(({ url }) => url)
    for (const part of ['/files/plain/list0.ts', '/files/plain/list1.ts', '/files/fragments/init.mp4', '/files/encrypted/key']) assert.ok(paths.includes(part), part)
    for (const { headers } of web.requests) assert.equal(headers['user-agent'], 'organist')
  })
})

describe('url: fails by name', { concurrency: 2 }, () => {
  for (const [status, reason] of [[404, 'SourceMissing'], [410, 'SourceMissing'], [403, 'SourceForbidden'], [401, 'SourceForbidden'], [500, 'SourceFailed'], [503, 'SourceBusy']]) {
    it(String(status), () => fails(url(`/status/${status}`), reason))
  }
  it('a redirect to the metadata address', () => fails(url(redirectTo(METADATA)), 'AddressRefused'))
  it('a redirect to the address of a task\'s credentials', () => fails(url(redirectTo('http://169.254.170.2/v2/credentials')), 'AddressRefused'))
  for (const address of [METADATA, 'http://[fd00:ec2::254]/', 'http://[fe80::1]/', 'http://[::ffff:169.254.169.254]/', 'http://0.0.0.0/', 'http://2852039166/', 'http://0xa9.254.169.254/', 'http://[::ffff:a9fe:a9fe]/', 'http://[64:ff9b::a9fe:a9fe]/']) {
    it(address, () => fails(url(address), 'AddressRefused'))
  }
  it('a name that means the metadata address', () => fails(url('http://rebound.test/'), 'AddressRefused'))
  it('a name that means the metadata address of IPv6', () => fails(url('http://other.test/'), 'AddressRefused'))
  it('loopback, where it is not allowed', () => fails(url('/files/index-last.mp4'), 'AddressRefused', strict))
  it('localhost, where it is not allowed', () => fails(url(`http://localhost:${web.port}/files/index-last.mp4`), 'AddressRefused', strict))
  it('a redirect without end', () => fails(url('/endless/0'), 'TooManyRedirects'))
  for (const address of ['file:///etc/passwd', 'ftp://127.0.0.1/x', 'concat:a|b', 'gopher://127.0.0.1/']) it(address, () => fails(url(address), 'SchemeRefused'))
  it('a redirect to a file', () => fails(url(redirectTo('file:///etc/passwd')), 'SchemeRefused'))
  it('no address', () => fails(url('nothing'), 'SourceMissing'))
  it('nobody there', () => fails(url('http://127.0.0.1:1/x'), 'SourceUnreachable'))
  it('no answer', () => fails(url('/silent'), 'SourceSlow'))
  it('an answer that stops', () => fails(url('/stalls'), 'SourceSlow'))
  it('an index last without ranges', async () => assert.match(await fails(url('/whole/large.mp4'), 'NoRanges'), /faststart/))
  it('no video', () => fails(url('/files/key'), 'SourceUnreadable'))
  it('a password that is wrong is not told', () => fails(url(`http://me:${SECRET}x@127.0.0.1:${web.port}/user/x?signature=${SECRET}`), 'SourceForbidden'))
})

describe('s3', { concurrency: 2 }, () => {
  it('an MP4 with its index last, a key with signs', () => plays(object('s3://near/a folder/key+ä (1).mp4')))
  it('a bucket elsewhere: its region is found', () => plays(object('s3://far/key.mp4')))
  it('a version', () => plays(object('s3://near/key?versionId=v/2+=')))
  for (const [location, reason, text] of [
    ['s3://near/nothing.mp4', 'SourceMissing', /near has no object nothing\.mp4/],
    ['s3://nowhere/key', 'SourceMissing', /there is no bucket nowhere/],
    ['s3://near/key?versionId=3', 'SourceMissing', /no version 3/],
    ['s3://near/key?versionId=malformed', 'SourceMissing', /can have no version malformed/],
    ['s3://denied/key', 'SourceForbidden', /s3:GetObject/],
    ['s3://silent/key', 'WrongRegion', /not in us-east-1/],
    ['s3://near', 'SourceMissing', /s3:\/\/bucket\/key/]
  ]) {
    it(`${location}: ${reason}`, async () => assert.match(await fails(object(location), reason), text))
  }

  it('signed wrongly, nothing comes', async () => {
    const wrong = new MediaServer({ s3: { endpoint: s3.address, credentials: async () => ({ ...CREDENTIALS, secretAccessKey: 'another' }) } })
    await wrong.listen()
    try {
      assert.match(await fails(object('s3://far/key.mp4'), 'SourceForbidden', wrong), /SignatureDoesNotMatch/)
    } finally {
      await wrong.close()
    }
  })
})

describe('credentials', () => {
  it('of the container, asked for once', async () => {
    const endpoint = await webServer((request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
      AccessKeyId: CREDENTIALS.accessKeyId, SecretAccessKey: SECRET, Token: CREDENTIALS.sessionToken, Expiration: new Date(Date.now() + 3_600_000).toISOString()
    })))
    process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${endpoint.address}/v2/credentials`
    const server = new MediaServer({ s3: { endpoint: s3.address, credentials: credentialsOf({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'set' }) } })
    await server.listen()
    try {
      const address = server.add(object('s3://far/key.mp4'))
      for (const range of ['bytes=0-9', 'bytes=5-9']) assert.equal((await fetch(address, { headers: { range } })).status, 206)
      assert.equal(endpoint.requests.length, 1)
    } finally {
      delete process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI
      await Promise.all([server.close(), endpoint.close()])
    }
  })

  it('none: an object that anybody may read is asked for unsigned', async () => {
    const open = await webServer((request, response) => request.headers.authorization ? response.writeHead(400).end() : sendFile(request, response, indexLast))
    const server = new MediaServer({ s3: { endpoint: open.address, credentials: credentialsOf({}) } })
    await server.listen()
    try {
      assert.equal((await fetch(server.add(object('s3://any/key')))).status, 200)
    } finally {
      await Promise.all([server.close(), open.close()])
    }
  })
})

describe('the media server', () => {
  it('gives nothing to whoever does not know the address, nor after it was taken away', async () => {
    const address = media.add(url('/files/key'))
    const { origin } = new URL(address)
    assert.equal(await (await fetch(address)).text(), '0123456789abcdef')
    assert.equal((await fetch(`${origin}/0000/source/media`)).status, 404)
    assert.equal((await fetch(address.replace('/source/', '/other/'))).status, 404)
    assert.equal((await fetch(address, { method: 'POST' })).status, 404)
    media.remove(address)
    assert.equal((await fetch(address)).status, 404)
  })
})
