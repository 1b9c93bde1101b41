/** Plays the programme in a video element by WebRTC: under a second behind live, small, as long as the way for it is open. */

const BEGINS_MS = 6000
/** From 1900, where NTP begins, to 1970. */
const NTP_MS = 2_208_988_800_000

export const canLowLatency = () => 'RTCPeerConnection' in globalThis

export class LowLatency {
  #video
  #connection = new RTCPeerConnection()
  #stream = new MediaStream()
  #viewer = null
  #onEnd
  #timer
  #isOver = false

  /**
   * @param {HTMLVideoElement} video
   * @param {() => void} onEnd told once when it cannot begin, or cannot go on
   */
  constructor (video, onEnd) {
    this.#video = video
    this.#onEnd = onEnd
  }

  async start () {
    this.#timer = setTimeout(() => this.#fail(), BEGINS_MS)
    try {
      await this.#begin()
    } catch {
      this.#fail()
    }
  }

  /** Seconds from the machine to here by the machine's time; null where the browser does not tell. */
  async latency (machineNow) {
    const stats = [...(await this.#connection.getStats()).values()]
    const played = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')?.estimatedPlayoutTimestamp
    return played ? (machineNow + NTP_MS - played) / 1000 : null
  }

  close () {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#connection.close()
    if (this.#video.srcObject === this.#stream) this.#video.srcObject = null
    if (this.#viewer) fetch(this.#viewer, { method: 'DELETE', keepalive: true }).catch(() => {})
  }

  async #begin () {
    const connection = this.#connection
    connection.ontrack = ({ track }) => this.#stream.addTrack(track)
    connection.onconnectionstatechange = () => { if (['failed', 'disconnected', 'closed'].includes(connection.connectionState)) this.#fail() }
    for (const kind of ['video', 'audio']) connection.addTransceiver(kind, { direction: 'recvonly' })
    await connection.setLocalDescription()
    const response = await fetch('whep', { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: connection.localDescription.sdp })
    if (response.status !== 201) throw new Error(response.statusText)
    this.#viewer = response.headers.get('Location')
    const sdp = await response.text()
    if (this.#isOver) return this.close()
    await connection.setRemoteDescription({ type: 'answer', sdp })
    this.#video.srcObject = this.#stream
    this.#video.addEventListener('playing', () => clearTimeout(this.#timer), { once: true })
    this.#video.play().catch(() => {})
  }

  #fail () {
    if (this.#isOver) return
    this.close()
    this.#onEnd()
  }
}
