'use strict'

const { StreamInfo } = require('./stream-info')

const MESSAGE = /\[(fatal|error)\] (.*)$/
const MOST_MESSAGES = 50

/** Pictures of the production's own format, as `StreamInfo` tells of them. */
function picturesOf ({ width, height, rate, colours }) {
  return { width, height, rate: rate.value, matrix: colours.matrix, isInterlaced: false, isRgb: false, isHdr: false, isWideGamut: false }
}

/** What FFmpeg says of one source, run after run: what its streams are, and what is wrong. */
class IngestLog {
  /** Until it is told: pictures as the production's own. Where they are, FFmpeg need not be started twice. */
  video
  audio = null
  /** What was said as errors in this run, in its order. */
  messages = []
  streams = new StreamInfo()
  #track
  #keepsFirst

  /**
   * @param {object} how
   * @param {number} how.track which sound is meant, from 0
   * @param {boolean} how.keepsFirst whether pictures that change in mid-stream are still taken for those of the beginning
   * @param {PictureFormat} format of the production
   */
  constructor ({ track, keepsFirst }, format) {
    this.video = picturesOf(format)
    this.#track = track
    this.#keepsFirst = keepsFirst
  }

  /** A run begins; what is known of the streams stays until it is told again. */
  begin () {
    this.messages = []
    this.streams = new StreamInfo()
  }

  /** @returns {string|null} `told` when all streams have been, `changed` when pictures became others */
  read (line) {
    const wasComplete = this.streams.isComplete
    const { video, audio, track } = this.streams.read(line) ?? {}
    if (video && !(wasComplete && this.#keepsFirst)) this.video = { ...this.video, ...video }
    if (audio && track === this.#track) this.audio = audio
    const message = MESSAGE.exec(line)
    if (message) this.note(message[2])
    if (wasComplete) return video ? 'changed' : null
    if (!this.streams.isComplete) return null
    if (this.streams.sounds === 0) this.audio = null
    return 'told'
  }

  /** Something is wrong that FFmpeg does not say. */
  note (text) {
    if (this.messages.length < MOST_MESSAGES) this.messages.push(text)
  }

  /** What of the sounds is not as asked for; null when it is. */
  get notice () {
    const { sounds } = this.streams
    return this.#track > 0 && this.#track >= sounds ? `sound ${this.#track + 1} was chosen, it has ${sounds}: silence` : null
  }
}

module.exports = { IngestLog, picturesOf }
