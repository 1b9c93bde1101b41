/** Plays the programme in a video element: by hls.js where the browser has MediaSource, else by itself. */

const AGAIN_MS = 1500
const SETTINGS = {
  // Two segments behind the newest one: the least that a segment which comes late does not stop.
  liveSyncDurationCount: 2,
  liveMaxLatencyDurationCount: 5,
  maxLiveSyncPlaybackRate: 1.1,
  backBufferLength: 30,
  // A playlist that is not there yet is no failure here: the page says that it waits.
  manifestLoadPolicy: { default: { maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 10_000, timeoutRetry: null, errorRetry: null } }
}

const hasSource = () => Boolean(globalThis.Hls?.isSupported())
const hasNative = (video) => video.canPlayType('application/vnd.apple.mpegurl') !== ''

/** Whether this browser can decode a codec, for all that it says. */
function decodes (codec, video) {
  if (codec !== 'hevc') return true
  const type = 'video/mp4; codecs="hvc1.1.6.L120.90"'
  const source = globalThis.ManagedMediaSource ?? globalThis.MediaSource
  return hasSource() ? source.isTypeSupported(type) : video.canPlayType(type) !== ''
}

/**
 * How this browser can play.
 *
 * @returns {'hls.js'|'native'|null}
 */
export function wayToPlay (video) {
  if (hasSource()) return 'hls.js'
  return hasNative(video) ? 'native' : null
}

/** Why it cannot, in words for whoever watches; null when it can. */
export function hindrance (codec, video) {
  if (wayToPlay(video) === null) return 'This browser plays no HLS. Any browser of the last years does; here is a picture each second.'
  if (decodes(codec, video)) return null
  return 'This programme is HEVC, which this browser cannot decode. Safari plays it, and so do Chrome and Edge on a computer that decodes HEVC.'
}

/** Begins again whenever it failed, until it is stopped. */
export class Player {
  #video
  #hls = null
  #playlist = null
  #timer = null

  /** @param {HTMLVideoElement} video */
  constructor (video) {
    this.#video = video
    video.addEventListener('error', () => { if (this.#hls === null && this.isStarted) this.#again() })
  }

  isStarted = false

  /** @param {string} playlist its path */
  start (playlist) {
    if (this.isStarted) return
    this.isStarted = true
    this.#playlist = playlist
    this.#begin()
  }

  /** Nothing more will come. What was loaded stays to be seen. */
  stop () {
    clearTimeout(this.#timer)
    this.isStarted = false
  }

  /** Somebody else plays in the video element now. */
  release () {
    this.stop()
    this.#hls?.destroy()
    this.#hls = null
    this.#video.removeAttribute('src')
  }

  /** Seconds from the encoder to here by the machine's time; null when it cannot be known. */
  latency (machineNow) {
    const playing = this.#hls ? this.#hls.playingDate?.getTime() : this.#video.getStartDate?.().getTime() + this.#video.currentTime * 1000
    return Number.isFinite(playing) ? (machineNow - playing) / 1000 : null
  }

  #begin () {
    if (wayToPlay(this.#video) === 'native') this.#video.src = `${this.#playlist}?${Date.now()}`
    else this.#load()
    this.#video.play().catch(() => {}) // the browser shows its own button then
  }

  #load () {
    this.#hls?.destroy()
    const { Events, ErrorTypes } = globalThis.Hls
    const hls = this.#hls = new globalThis.Hls(SETTINGS)
    let hasRecovered = false
    hls.on(Events.ERROR, (_, { fatal, type }) => {
      if (!fatal) return
      if (type === ErrorTypes.MEDIA_ERROR && !hasRecovered) {
        hasRecovered = true
        hls.recoverMediaError()
      } else if (type === ErrorTypes.NETWORK_ERROR) this.#later(() => hls.levels.length > 0 ? hls.startLoad() : hls.loadSource(this.#playlist))
      else this.#again()
    })
    hls.on(Events.FRAG_CHANGED, () => { hasRecovered = false })
    hls.loadSource(this.#playlist)
    hls.attachMedia(this.#video)
  }

  #again () {
    this.#later(() => this.#begin())
  }

  #later (action) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => { if (this.isStarted) action() }, AGAIN_MS)
  }
}
