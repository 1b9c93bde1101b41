'use strict'

const { MediaStreamTrack, RTCPeerConnection, useH264, useOPUS } = require('werift')
const { INSIDE } = require('./udp-port')

/** What every browser decodes (RFC 7742, 6.2): constrained baseline. */
const H264 = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'
/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_SECONDS = 2_208_988_800

function ntpNow () {
  const seconds = (performance.timeOrigin + performance.now()) / 1000 + NTP_SECONDS
  return (BigInt(Math.floor(seconds)) << 32n) + BigInt(Math.floor((seconds % 1) * 2 ** 32))
}

/** werift 0.25.2 writes milliseconds where a fraction of 2^32 belongs: pictures and sound of such reports drift apart in a browser. */
function mendReports (sender) {
  let at = ntpNow()
  Object.defineProperty(sender, 'ntpTimestamp', { get: () => at, set: () => { at = ntpNow() } })
}

/** What a browser offers cannot be answered. */
class WrongOffer extends Error {
  constructor (why) {
    super(`the offer cannot be answered: ${why}. Offer to receive H.264 and Opus.`)
    this.name = 'WrongOffer'
  }
}

/** One browser's connection, which pictures and sound are sent over. It listens inside this machine; see UdpPort. */
class Viewer {
  #connection
  #tracks
  #onChange

  /** @param {(isConnected: boolean) => void} onChange told when it is connected, and when it no longer is */
  constructor (onChange) {
    this.#onChange = onChange
    this.#tracks = { video: new MediaStreamTrack({ kind: 'video' }), audio: new MediaStreamTrack({ kind: 'audio' }) }
    this.#connection = new RTCPeerConnection({
      // The browser looks for the way, by its requests alone: this end never calls an address that somebody names.
      iceLite: true, iceServers: [], iceInterfaceAddresses: { udp4: INSIDE }, iceUseIpv6: false, iceUseTcp: false,
      codecs: { video: [useH264({ parameters: H264 })], audio: [useOPUS()] }
    })
  }

  /**
   * @param {string} offer SDP
   * @param {object} way `address` and `port` by which the browser comes
   * @returns {Promise<{answer: string, user: string, port: number}>} and who it is for UdpPort, and where it listens inside
   * @throws {WrongOffer}
   */
  async answer (offer, way) {
    try {
      for (const track of Object.values(this.#tracks)) mendReports(this.#connection.addTransceiver(track, { direction: 'sendonly' }).sender)
      await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer })
      await this.#connection.setLocalDescription(await this.#connection.createAnswer())
    } catch (error) {
      throw new WrongOffer(error.message)
    }
    this.#connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#onChange(true)
      else if (state === 'failed' || state === 'closed' || state === 'disconnected') this.#onChange(false)
    })
    const { sdp } = this.#connection.localDescription
    const [ours, theirs] = [sdp, offer].map((text) => /^a=ice-ufrag:(\S+)/m.exec(text)?.[1])
    const [, port] = /^a=candidate:\S+ 1 udp \d+ \S+ (\d+) typ host/im.exec(sdp) ?? []
    if (!ours || !theirs || !port) throw new WrongOffer('it names no connection')
    return { answer: withCandidate(sdp, way), user: `${ours}:${theirs}`, port: Number(port) }
  }

  /** @param {'video'|'audio'} kind @param {Buffer} packet RTP */
  send (kind, packet) {
    this.#tracks[kind].writeRtp(packet)
  }

  async close () {
    this.#onChange = () => {}
    await this.#connection.close()
  }
}

/** An SDP whose only way in is this one: werift names every address that the machine has. */
function withCandidate (sdp, { address, port }) {
  const lines = sdp.split('\r\n').filter((line) => !line.startsWith('a=candidate:'))
  return lines.map((line) => line === 'a=end-of-candidates' ? `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host\r\n${line}` : line).join('\r\n')
}

module.exports = { Viewer, WrongOffer, withCandidate }
