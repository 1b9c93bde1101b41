'use strict'

/** Whatever a playlist says, FFmpeg asks the media server alone: that looks at each address. */

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { after, before, describe, it } = require('node:test')
const { MediaServer } = require('../../../engine/sources/fetching/media-server')
const { rewritePlaylist } = require('../../../engine/sources/fetching/playlist')
const { ingestArguments } = require('../../../engine/sources/ingest/ingest-arguments')
const { picturesOf } = require('../../../engine/sources/ingest/ingest-log')
const { PictureFormat } = require('../../../engine/pictures/picture-format')
const { realFfmpeg } = require('../../../test-support/real-ffmpeg')
const { make } = require('../../../test-support/samples')
const { webServer } = require('../../../test-support/web-server')

const ffmpegPath = realFfmpeg()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'playlists-'))
const segment = fs.readFileSync(make(ffmpegPath, ['-f', 'lavfi', '-i', 'testsrc=size=64x36:rate=25:duration=1', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', path.join(folder, 'segment.ts')]))
const BEGIN = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:1', '#EXTINF:1,', 'segment.ts']
const list = (...lines) => [...BEGIN, ...lines, '#EXT-X-ENDLIST', ''].join('\n')
const keyed = (attributes) => [BEGIN[0], BEGIN[1], BEGIN[2], `#EXT-X-KEY:METHOD=AES-128,${attributes}`, ...BEGIN.slice(3), '#EXT-X-ENDLIST', ''].join('\n')

/** What names the other server where only FFmpeg sees it. */
const LISTS = {
  'after a lone CR in a comment': (to) => list('#EXTINF:1,', `#x\r${to}/secret.ts`),
  'after NUL in a comment': (to) => list('#EXTINF:1,', `#x\0${to}/secret.ts`),
  'a key without quotes': (to) => keyed(`URI=${to}/secret`),
  'a key without quotes or scheme': (to) => keyed(`URI=${to.replace('http:', '')}/secret`),
  'a key that begins with white space': (to) => keyed(` URI=${to}/secret`),
  'a key after quotes and no comma': (to) => keyed(`X="a"URI=${to}/secret`),
  'a key after an escaped quote': (to) => keyed(`X="a\\",Y=",URI="${to}/secret"`),
  'a map without quotes': (to) => [...BEGIN.slice(0, 3), `#EXT-X-MAP:URI=${to}/secret`, ...BEGIN.slice(3), '#EXT-X-ENDLIST', ''].join('\n'),
  'a rendition without quotes': (to) => ['#EXTM3U', `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,AUTOSELECT=YES,URI=${to}/secret.m3u8`, '#EXT-X-STREAM-INF:BANDWIDTH=100000,AUDIO="a"', 'plain.m3u8', ''].join('\n'),
  'a playlist that comes byte by byte': (to) => list('#EXTINF:1,', `${to}/secret.ts`)
}

let web, other, media
before(async () => {
  other = await webServer((request, response) => response.end(segment))
  web = await webServer(async (request, response) => {
    const name = decodeURIComponent(request.url.slice(1)).replace('.m3u8', '')
    if (!LISTS[name]) return response.end(name === 'plain' ? list() : segment)
    const text = LISTS[name](other.address)
    for (const byte of text.slice(0, 8)) {
      response.write(byte)
      // One write a turn: the other end reads them apart.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    response.end(text.slice(8))
  })
  media = new MediaServer({ addresses: { allowsLoopback: true } })
  await media.listen()
})
after(async () => {
  await Promise.all([web, other, media].map((server) => server.close()))
  fs.rmSync(folder, { recursive: true })
})

/** FFmpeg reads it as an ingest does. @returns {Promise<number>} its exit code */
async function read (location) {
  const address = media.add({ kind: 'url', location })
  const format = new PictureFormat({ width: 64, height: 36, frameRate: 25 })
  const args = ingestArguments({ kind: 'url', name: 'x' }, { format, address, socket: '/dev/null' }, { video: picturesOf(format), audio: null })
  const ffmpeg = spawn(ffmpegPath, [...args.slice(0, args.indexOf('-i') + 2), '-f', 'null', '-'], { stdio: 'ignore' })
  const [code] = await once(ffmpeg, 'close')
  media.remove(address)
  return code
}

describe('an address in a playlist', () => {
  for (const name of Object.keys(LISTS)) {
    it(`${name}: FFmpeg does not ask there by itself`, async () => {
      other.requests.length = web.requests.length = 0
      await read(`${web.address}/${encodeURIComponent(name)}.m3u8`)
      assert.ok(web.requests.length > 0 && other.requests.length > 0, 'the media server asked for the list, and for what it names')
      for (const { url, headers } of other.requests) assert.equal(headers['user-agent'], 'organist', url)
    })
  }
})

describe('rewriting a playlist', () => {
  const rewritten = (...lines) => rewritePlaylist(['#EXTM3U', ...lines].join('\n'), (address) => `own(${address})`).split('\n').slice(1)

  it('every address is quoted, whatever quotes it had', () => {
    assert.deepEqual(rewritten('#EXT-X-MAP:URI=init.mp4,BYTERANGE="1@0"', '#EXT-X-PART:X-ASSET-URI="http://h/a"', ' http://h/b '), [
      '#EXT-X-MAP:URI="own(init.mp4)",BYTERANGE="1@0"', '#EXT-X-PART:X-ASSET-URI="own(http://h/a)"', 'own(http://h/b)'
    ])
  })

  it('titles and comments with an address are left out, others of both play on', () => {
    assert.deepEqual(rewritten('#EXTINF:1.5,see http://h/', '# made by http://h/', '#EXT-X-DATERANGE:ID="a",X-COM="http://h/"', '# made by hand'), ['#EXTINF:1.5,', '', '', '# made by hand'])
  })

  it('an address elsewhere in a tag that FFmpeg reads is refused, and one that FFmpeg would cut off', () => {
    for (const line of ['#EXT-X-KEY:METHOD=AES-128,U=http://h/a', '#EXTINF:http://h/', `#EXT-X-KEY:IV=${'0'.repeat(4000)},URI="http://h/a"`]) {
      assert.throws(() => rewritePlaylist(`#EXTM3U\n${line}`, () => 'http://own/'), { name: 'FetchFault', reason: 'AddressRefused' })
    }
  })
})
