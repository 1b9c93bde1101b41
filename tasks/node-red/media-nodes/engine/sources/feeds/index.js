'use strict'

const { DescribedRtpFeed } = require('./described-rtp-feed')
const { RtmpFeed } = require('./rtmp-feed')
const { RtpFeed } = require('./rtp-feed')
const { SrtFeed } = require('./srt-feed')

/**
 * What receives a live source, apart from what decodes it: so the decoder can begin anew, and the sender stays.
 *
 * Each emits `begin` when a sender came, `bytes`, `gone` (text) when it went, `trouble` (text, reason); has `start()`, `stop()`,
 * `isArriving`, `sinceEntry()` (buffers that a decoder that begins now has to be given first) and `figures`. One
 * with `relayTo(file)` gives packets, which the decoder reads by the description in that file.
 *
 * @param {object} source of the definition
 * @param {object} place `ffmpegPath`, `rtmpServer`
 * @param {object} time
 * @returns {EventEmitter|null} null for a source that FFmpeg reads by itself
 */
function makeFeed (source, place, time) {
  if (source.kind === 'srt') return new SrtFeed(source, place, time)
  if (source.kind === 'rtp') return source.sdp ? new DescribedRtpFeed(source, time) : new RtpFeed(source, time)
  return source.kind === 'rtmp' ? new RtmpFeed(source, place, time) : null
}

module.exports = { makeFeed }
