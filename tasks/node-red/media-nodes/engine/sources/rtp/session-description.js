'use strict'

/** Encodings (RFC 8866 `a=rtpmap`) that a source may have: raw video (ST 2110) is more than a machine receives, encryption needs a key. */
const ENCODINGS = {
  video: ['H264', 'H265', 'VP8', 'VP9'],
  audio: ['MPEG4-GENERIC', 'MP4A-LATM', 'OPUS', 'L16', 'L24', 'PCMU', 'PCMA']
}
/** Payload types that need no `a=rtpmap`: https://www.rfc-editor.org/rfc/rfc3551#section-6 */
const STATIC_TYPES = { 0: 'PCMU', 8: 'PCMA', 10: 'L16', 11: 'L16' }
const TRANSPORT_STREAM = 33
const PROTOCOLS = ['RTP/AVP', 'RTP/AVPF']
const MEDIUM = /^m=(\w+) (\d+)(?:\/\d+)? (\S+) (\d{1,3})\b/
const ATTRIBUTE = /^a=(rtpmap|fmtp):(\d{1,3}) ([\x20-\x7e]+)$/

/** A session description that no source can be received by; the message says why and what to do. */
class DescriptionRefused extends Error {
  constructor (text) {
    super(`DescriptionRefused: ${text}`)
    this.name = 'DescriptionRefused'
  }
}

/**
 * What a session description (SDP, RFC 8866) says of its streams. Addresses, ports and everything else of it are not taken.
 *
 * @param {string} text
 * @returns {Array<{kind: string, payloadType: number, lines: string[]}>} the video, and the audio if it has one
 * @throws {DescriptionRefused}
 */
function readDescription (text) {
  const media = sectionsOf(text).flatMap((lines) => mediumOf(lines) ?? [])
  const kinds = media.map(({ kind }) => kind)
  if (!kinds.includes('video')) throw new DescriptionRefused('it has no m=video. Describe a stream that has pictures.')
  if (new Set(kinds).size < kinds.length) throw new DescriptionRefused('it has several streams of one kind. Leave one video and one audio in it.')
  if (new Set(media.map(({ payloadType }) => payloadType)).size < media.length) {
    throw new DescriptionRefused('its streams have one payload type, by which they are told apart. Give each its own.')
  }
  return media
}

function sectionsOf (text) {
  const sections = []
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('m=')) sections.push([line])
    else sections.at(-1)?.push(line)
  }
  return sections
}

/** Null for what is neither pictures nor sound, or is not sent. */
function mediumOf ([first, ...rest]) {
  const [, kind, port, protocol, payload] = MEDIUM.exec(first) ?? []
  if (!ENCODINGS[kind] || port === '0') return null
  const payloadType = Number(payload)
  if (!PROTOCOLS.includes(protocol)) throw new DescriptionRefused(`its ${kind} comes by ${protocol}. Send ${PROTOCOLS.join(' or ')}, which is not encrypted.`)
  if (payloadType === TRANSPORT_STREAM) throw new DescriptionRefused('it describes an MPEG transport stream, which needs none. Leave the SDP out.')
  const attributes = rest.map((line) => ATTRIBUTE.exec(line.trim())).filter((found) => found !== null && Number(found[2]) === payloadType)
  const encoding = attributes.find(([, name]) => name === 'rtpmap')?.[3].split('/')[0] ?? STATIC_TYPES[payloadType]
  if (!ENCODINGS[kind].includes(encoding?.toUpperCase())) {
    throw new DescriptionRefused(`its ${kind} is ${encoding ?? `payload type ${payloadType} without a=rtpmap`}. Send one of ${ENCODINGS[kind].join(', ')}.`)
  }
  return { kind, payloadType, lines: attributes.map(([line]) => line) }
}

/**
 * A description of the same streams at ports of one address.
 *
 * @param {object[]} media of `readDescription`
 * @param {string} address
 * @param {number[]} ports one a medium, even; its RTCP is one above
 */
function writeDescription (media, address, ports) {
  const sections = media.flatMap(({ kind, payloadType, lines }, at) => [`m=${kind} ${ports[at]} RTP/AVP ${payloadType}`, ...lines])
  return ['v=0', `o=- 0 0 IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0', ...sections, ''].join('\r\n')
}

module.exports = { DescriptionRefused, readDescription, writeDescription }
