'use strict'

const { LineSplitter } = require('../../../lib/line-splitter')
const { FlvReader } = require('../../sources/rtmp/flv')
const { srtArguments } = require('../output-arguments')
const { LIVE_INPUT, QUIET } = require('../stream-input')
const { RtmpPublisher } = require('./rtmp-publisher')

/** Seven transport stream packets to an RTP packet, as SMPTE 2022-2 has them. */
const RTP_PACKET_BYTES = 1328

/** The end of a child. @returns {Promise<void>} @throws {Error} when it did not end well */
function ended (child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => code === 0 ? resolve() : reject(new Error(`FFmpeg ended by ${signal ?? `exit code ${code}`}`)))
  })
}

/** FFmpeg's, that sends, and tells how much it has. */
const SENDING = {
  srt: (definition, passphrase) => srtArguments({ ...definition, passphrase }),
  rtp: ({ address, port }) => [...LIVE_INPUT, '-map', '0', '-c', 'copy', '-f', 'rtp_mpegts', `rtp://${address}:${port}?pkt_size=${RTP_PACKET_BYTES}`]
}

/**
 * The arguments of the FFmpeg of a destination.
 *
 * @param {object} definition `to` (rtmp, srt, rtp) and what that needs
 * @param {string} [passphrase] of SRT's
 * @returns {string[]}
 */
function destinationArguments (definition, passphrase) {
  if (definition.to === 'rtmp') return muxerArguments
  return [...QUIET, '-progress', 'pipe:1', '-stats_period', '1', ...SENDING[definition.to](definition, passphrase)]
}

function sendByFfmpeg (definition, passphrase, { start, sent }) {
  const child = start(destinationArguments(definition, passphrase), ['inherit', 'pipe', 'inherit'])
  const lines = new LineSplitter()
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    for (const line of lines.feed(chunk)) {
      const [, size] = /^total_size=(\d+)$/.exec(line) ?? []
      if (size) sent(Number(size))
    }
  })
  return ended(child)
}

const muxerArguments = [
  ...QUIET, ...LIVE_INPUT, '-map', '0', '-c', 'copy', '-bsf:a', 'aac_adtstoasc', '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'
]

/** What FFmpeg writes as FLV is published as it comes. */
async function publish (publisher, { start, sent }) {
  const muxer = start(muxerArguments, ['inherit', 'pipe', 'inherit'])
  const end = ended(muxer)
  const flv = new FlvReader()
  let bytes = 0
  for await (const chunk of muxer.stdout) {
    for (const message of flv.feed(chunk)) await publisher.write(message)
    sent(bytes += chunk.length)
  }
  await end
  await publisher.end()
}

/** How each kind of destination is sent to; settles when the stream has ended. */
const DESTINATIONS = {
  /** The key is in no URL and on no command line: FFmpeg writes FLV alone, and this process publishes it. */
  async rtmp ({ url }, key, place) {
    const publisher = new RtmpPublisher(url, key, place.time)
    let fail
    const lost = new Promise((resolve, reject) => { fail = reject })
    lost.catch(() => {}) // until somebody waits for it
    await publisher.connect(fail)
    await Promise.race([lost, publish(publisher, place)])
  },
  srt: sendByFfmpeg,
  rtp: sendByFfmpeg
}

module.exports = { DESTINATIONS, destinationArguments }
