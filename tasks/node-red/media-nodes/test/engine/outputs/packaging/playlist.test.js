'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { Playlist } = require('../../../../engine/outputs/packaging/playlist')

const AT = Date.UTC(2026, 10, 26, 8)
const segment = (more) => ({ seconds: 2, at: AT, init: 100, isDiscontinuous: false, ...more })
const tagsOf = (playlist) => String(playlist).split('\n').filter((line) => line.startsWith('#'))

test('a playlist as RFC 8216 has it', () => {
  const playlist = new Playlist(2, 100)
  playlist.add(segment({ isDiscontinuous: true }))
  playlist.add(segment({ at: AT + 2000, seconds: 1.92 }))
  playlist.add(segment({ at: AT + 9000, init: 102, isDiscontinuous: true }))
  assert.equal(String(playlist), `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:100
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init-100.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-26T08:00:00.000Z
#EXTINF:2.000000,
live-100.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-26T08:00:02.000Z
#EXTINF:1.920000,
live-101.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-102.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-26T08:00:09.000Z
#EXTINF:2.000000,
live-102.m4s
`)
})

test('the very first segment is no discontinuity, the first one of a playlist that goes on is', () => {
  const playlist = new Playlist(2, 7)
  playlist.add(segment({ isDiscontinuous: true }))
  assert.ok(!String(playlist).includes('#EXT-X-DISCONTINUITY\n'))
  const again = Playlist.read(String(playlist))
  again.add(segment({ isDiscontinuous: true }))
  assert.equal(tagsOf(again).filter((tag) => tag === '#EXT-X-DISCONTINUITY').length, 1)
})

test('a discontinuity that leaves the window is counted, and numbers only grow', () => {
  const playlist = new Playlist(2, 5)
  for (const isDiscontinuous of [false, true, false, true]) playlist.add(segment({ isDiscontinuous }))
  const seen = []
  while (playlist.segments.length > 0) {
    playlist.leave()
    seen.push([playlist.first, playlist.discontinuities])
  }
  assert.deepEqual(seen, [[6, 0], [7, 1], [8, 1], [9, 2]])
  assert.equal(playlist.next, 9)
})

test('what is written is read again, and goes on', () => {
  const playlist = new Playlist(3, 1_795_680_041)
  playlist.discontinuities = 4
  for (const more of [{}, { at: AT + 2040, isDiscontinuous: true, init: 1_795_680_042 }, { at: AT + 4080, init: 1_795_680_042, seconds: 1.001 }]) playlist.add(segment(more))
  playlist.isEnded = true
  const again = Playlist.read(String(playlist))
  assert.equal(String(again), String(playlist))
  assert.match(String(again), /#EXT-X-ENDLIST\n$/)
  assert.equal(again.next, 1_795_680_044)
})

test('any other text is no such playlist', () => {
  const whole = new Playlist(2, 3)
  whole.add(segment({}))
  const others = ['', '#EXTM3U\n', 'nonsense', String(whole).replace('live-3.m4s', 'live-00003.ts'), String(whole).replace('live-3', 'live-4'),
    String(whole).replace(/#EXT-X-MAP.*\n/, ''), String(whole).replace(/#EXT-X-PROGRAM-DATE-TIME.*\n/, ''), `${whole}../../etc/passwd\n`]
  for (const text of others) assert.equal(Playlist.read(text), null, text)
})
