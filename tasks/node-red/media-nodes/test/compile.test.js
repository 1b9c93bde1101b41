'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { compile, isEndless } = require('../lib/compile')
const { findChains } = require('../lib/graph')
const { PASSPHRASE, encode, encoder, fileOut, hlsOut, linkOut, mix, mixer, source } = require('../test-support/parts')

const PLACE = { host: '127.0.0.2', mediaDir: '/data/media', fader: 0.65, files: { 'file-out': '/data/media/encoder.mp4' } }
const GLOBAL = ['-hide_banner', '-loglevel', 'level+warning', '-nostats', '-progress', 'pipe:1', '-stats_period', '0.1', '-y']
const compiled = (parts, place = PLACE) => compile(findChains(parts)[0], place)
const after = (args, option) => args[args.indexOf(option) + 1]

test('the mixer, to the argument', () => {
  assert.deepEqual(compiled(mix()), [
    ...GLOBAL,
    '-re', '-f', 'lavfi', '-i', 'smptebars=size=1280x720:rate=25',
    '-re', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25',
    '-filter_complex', [
      '[0:v:0]fps=25,format=yuv420p,setsar=1[bus1]',
      '[1:v:0]fps=25,format=yuv420p,setsar=1[bus2]',
      '[bus1][bus2]mix@fader=inputs=2:duration=longest:weights=0.6500 0.3500[pictures]',
      '[pictures]split=1[out0]'
    ].join(';'),
    '-map', '[out0]', '-stats_enc_post', 'pipe:3', '-stats_enc_post_fmt', '{size}',
    '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '13',
    '-b:v', '30000000', '-maxrate', '30000000', '-bufsize', '6000000',
    '-f', 'fifo', '-fifo_format', 'mpegts', '-queue_size', '60', '-drop_pkts_on_overflow', '1',
    '-attempt_recovery', '1', '-recover_any_error', '1', '-recovery_wait_time', '0.2', '-restart_with_keyframe', '1',
    '-format_opts', 'mode=listener:latency=120000:pbkeylen=16:passphrase=a passphrase\\: 100%\\=safe\\|', 'srt://127.0.0.2:9710'
  ])
})

test('the encoder, to the argument', () => {
  assert.deepEqual(compiled(encode()), [
    ...GLOBAL,
    '-fflags', 'nobuffer', '-analyzeduration', '500000', '-probesize', '500000', '-passphrase', PASSPHRASE, '-f', 'mpegts', '-r', '25',
    '-i', 'srt://127.0.0.2:9710?mode=caller&latency=120000&timeout=1500000&connect_timeout=1500',
    '-filter_complex', '[0:v:0]scale=1280:720,format=yuv420p,setsar=1[pictures];[pictures]split=2[out0][out1];[out1]fps=1[still]',
    '-map', '[out0]', '-stats_enc_post', 'pipe:3', '-stats_enc_post_fmt', '{size}',
    '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'high',
    '-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-b:v', '4000000', '-maxrate', '4000000', '-bufsize', '4000000',
    '-flags', '+global_header', '-f', 'tee',
    '[f=hls:hls_time=2:hls_list_size=30:hls_flags=append_list+delete_segments+omit_endlist+independent_segments+temp_file' +
      ':hls_segment_filename=/data/media/hls/live-%05d.ts]/data/media/hls/live.m3u8' +
      '|[f=mp4:movflags=+frag_keyframe+empty_moov+default_base_moof:flush_packets=1:onfail=ignore]/data/media/encoder.mp4',
    '-map', '[still]', '-c:v', 'mjpeg', '-q:v', '4', '-f', 'image2', '-update', '1', '-atomic_writing', '1', '/data/media/still.jpg'
  ])
})

test('no URL holds the passphrase', () => {
  for (const args of [compiled(mix()), compiled(encode())]) {
    assert.ok(!args.some((arg) => arg.startsWith('srt://') && arg.includes('pass')))
  }
})

test('a looped file is read in real time and fitted to the format; the missing bus is black', () => {
  const args = compiled([source('a', { kind: 'file', location: '/data/clip.mp4', bus: 2 }), mixer(), linkOut()])
  assert.deepEqual(args.slice(9, 22), [
    '-re', '-f', 'lavfi', '-i', 'color=color=0x000000:size=1280x720:rate=25',
    '-re', '-stream_loop', '-1', '-protocol_whitelist', 'file', '-i', 'file:/data/clip.mp4', '-filter_complex'
  ])
  assert.match(after(args, '-filter_complex'), /\[1:v:0\]scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:-1:-1,fps=25/)
})

test('a URL keeps to web protocols and is called again when it breaks', () => {
  const args = compiled([source('a', { kind: 'url', location: 'https://example.com/a.mp4', looped: false }), mixer(), linkOut()])
  assert.equal(after(args, '-protocol_whitelist'), 'http,https,httpproxy,tcp,tls,crypto')
  assert.equal(after(args, '-reconnect'), '1')
  assert.ok(!args.includes('-stream_loop'))
})

test('a mixer with a link and an encoder of its own gives each a copy', () => {
  const parts = [source('a'), mixer({ wires: [['link-out', 'encoder']] }), linkOut(), encoder(), hlsOut(), fileOut()]
  const args = compiled(parts)
  assert.match(after(args, '-filter_complex'), /\[pictures\]split=3\[out0\]\[out1\]\[out2\];\[out2\]fps=1\[still\]/)
  assert.deepEqual(args.filter((_, index) => args[index - 1] === '-map'), ['[out0]', '[out1]', '[still]'])
})

test('without HLS there is no still', () => {
  const args = compiled([source('a', { wires: [['encoder']] }), encoder({ wires: [['file-out']] }), fileOut()])
  assert.ok(!args.includes('mjpeg'))
})

test('a path with characters that FFmpeg reads as its own is escaped', () => {
  const args = compiled(encode(), { ...PLACE, files: { 'file-out': "/data/it's|a:file.mp4" } })
  assert.ok(after(args, 'tee').endsWith("]/data/it\\'s\\|a\\:file.mp4"))
})

test('a chain of files that are played once has an end, any other has not', () => {
  const once = { kind: 'file', location: '/a.mp4', looped: false }
  const chain = (...sources) => findChains([...sources, mixer(), linkOut()])[0]
  assert.equal(isEndless(chain(source('a', once), source('b', { ...once, bus: 2 }))), false)
  assert.equal(isEndless(chain(source('a', once), source('b', { bus: 2 }))), true)
  assert.equal(isEndless(chain(source('a', once))), true)
  assert.equal(isEndless(findChains(encode())[0]), true)
})
