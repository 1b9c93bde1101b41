'use strict'

const { EventEmitter } = require('node:events')
const { ProductionClock } = require('./clock/production-clock')
const { Buses, MIX } = require('./mixing/buses')
const { FadeSchedule } = require('./mixing/fade-schedule')
const { EntryPoints } = require('./outputs/transport-stream')
const { Output } = require('./outputs/output')
const { ProgrammeEncoder } = require('./outputs/programme-encoder')
const { mix, wipe } = require('./pictures/blend')
const { PictureFormat } = require('./pictures/picture-format')
const { PicturePool } = require('./pictures/picture-pool')
const { CHANNELS } = require('./sound/sample-timeline')
const { Limiter } = require('./sound/limiter')
const { LoudnessMeter } = require('./sound/loudness')
const { ProgrammeSound } = require('./sound/programme-sound')
const { Source } = require('./sources/source')
const { WrongCommand } = require('./wrong-command')

/** What has come since a key picture is kept for outputs that begin, up to so much. */
const MOST_KEPT_BYTES = 32_000_000

/**
 * The engine of one chain: sources, mixed by the production's clock, encoded, and sent to every output.
 *
 * Events: `trouble` (text) when a part failed, which has begun again by itself; `change` when a part's state changed; `desk` when what an
 * operator or the schedule has set changed.
 */
class Engine extends EventEmitter {
  frames = 0
  #definition
  #format
  #pool
  #clock
  #sources
  #buses
  #encoder
  #outputs
  #entryPoints = new EntryPoints(MOST_KEPT_BYTES)
  #sound = new ProgrammeSound()
  #limiter = new Limiter()
  #loudness = new LoudnessMeter()
  #black
  #before = null
  #startedAt = Date.now()
  #schedule
  #samples = new Map()

  /**
   * @param {object} definition `format`, `sources`, `programme`, `preview`, `encoder`, `outputs`
   * @param {object} place `ffmpegPath`, `folder` (for sockets, of this engine alone), `font`
   * @param {object} time `now` (ms, monotonic), `setTimeout`, `clearTimeout`
   */
  constructor (definition, place, time) {
    super()
    this.#definition = definition
    this.#format = new PictureFormat(definition.format)
    this.#pool = new PicturePool(this.#format.pictureBytes)
    this.#clock = new ProductionClock(this.#format.rate, time, (number) => this.#tick(number))
    const [first, second = first] = definition.sources
    this.#buses = new Buses(definition.programme ?? first.name, definition.preview ?? second.name)
    this.#sources = new Map(definition.sources.map((source, index) =>
      [source.name, new Source({ ...source, number: index + 1 }, { ...place, format: this.#format, pool: this.#pool }, time)]))
    this.#encoder = new ProgrammeEncoder(definition.encoder, this.#format, place.ffmpegPath, time)
    this.#outputs = new Map(definition.outputs.map((output) =>
      [output.name, new Output(output, place.ffmpegPath, () => this.#entryPoints.sinceEntry, time)]))
    this.#schedule = new FadeSchedule(definition.fades ?? [], this.#format.rate, (fade) => this.moveFader(fade.fader, fade.seconds))
    if (definition.fader !== undefined && definition.fader < 1) this.moveFader(definition.fader, 0)
    this.#black = this.#pool.take()
    this.#format.fill(this.#black.bytes)
    for (const [name, part] of [...this.#sources, ...this.#outputs, ['encoder', this.#encoder]]) {
      part.on('trouble', (text) => this.emit('trouble', `${name}: ${text}`))
      part.on('change', () => this.emit('change'))
    }
    this.#encoder.on('data', (bytes) => this.#encoded(bytes))
  }

  /** Go on air. */
  start () {
    for (const part of [...this.#sources.values(), this.#encoder, ...this.#outputs.values()]) part.start()
    // One that died goes on with the number that it would have reached: what was missed in between is counted.
    this.#clock.start(this.#format.rate.framesWithin(Date.now() - this.#startedAt) - 1)
    this.emit('desk')
  }

  /** Go off air: the last picture is encoded, and every output finished. */
  async stop () {
    this.#clock.stop()
    await Promise.all([...this.#sources.values()].map((source) => source.stop()))
    await this.#encoder.stop()
    await Promise.all([...this.#outputs.values()].map((output) => output.stop()))
  }

  /** The buses of the mixer, for commands. */
  get buses () {
    return this.#buses
  }

  /**
   * One source by its name.
   *
   * @throws {WrongCommand} without one
   */
  sourceNamed (name) {
    const source = this.#sources.get(name)
    if (!source) throw new WrongCommand(`source must be one of ${[...this.#sources.keys()].join(', ')}, not ${JSON.stringify(name)}`)
    return source
  }

  /** Move the fader between source 1 (seen alone at 1) and source 2 (at 0), in so many seconds. */
  moveFader (fader, seconds) {
    const frames = Math.max(1, Math.round(seconds * this.#format.rate.value))
    return this.#buses.moveFader(...this.#faderSources, { fader, frames })
  }

  /** Where that fader stands, 0..1; null while another source is on either bus. */
  get fader () {
    return this.#buses.faderBetween(...this.#faderSources)
  }

  get #faderSources () {
    const [first, second = first] = this.#sources.keys()
    return [first, second]
  }

  /** What an operator has set; it can be set again. */
  get desk () {
    return {
      startedAt: this.#startedAt,
      onAirAt: this.#schedule.onAirAt,
      buses: this.#buses.state,
      sources: Object.fromEntries([...this.#sources].map(([name, source]) => [name, source.desk]))
    }
  }

  set desk ({ startedAt, onAirAt, buses, sources }) {
    this.#startedAt = startedAt
    this.#schedule.onAirAt = onAirAt
    this.#buses.state = buses
    for (const [name, { gainDb, isMuted }] of Object.entries(sources)) {
      this.#sources.get(name)?.setGain(gainDb)
      this.#sources.get(name)?.mute(isMuted)
    }
  }

  /** States and figures of every part. */
  get state () {
    return {
      name: this.#definition.name,
      frames: this.frames,
      missedFrames: this.#clock.missed,
      skippedFades: this.#schedule.skipped,
      fader: this.fader,
      programme: this.#buses.programme,
      preview: this.#buses.preview,
      transition: this.#buses.transition && { kind: this.#buses.transition.kind, position: this.#buses.transition.position },
      black: this.#buses.black.position,
      sources: Object.fromEntries([...this.#sources].map(([name, source]) => [name, source.figures])),
      encoder: partFigures(this.#encoder, { frames: this.#encoder.frames, droppedFrames: this.#encoder.droppedFrames, bits: this.#encoder.bits }),
      outputs: Object.fromEntries([...this.#outputs].map(([name, output]) =>
        [name, partFigures(output, { state: output.state, missedBytes: output.missedBytes })])),
      loudness: this.#loudness.figures
    }
  }

  #tick (number) {
    const { rate } = this.#format
    const count = rate.samplesUpTo(number + 1) - rate.samplesUpTo(number)
    for (const [name, source] of this.#sources) source.tick(this.#samplesOf(name, count))
    this.#schedule.tick(number, this.#sources.get(this.#buses.programme)?.isLive)
    const before = this.#buses.transition
    const shown = this.#buses.tick()
    if (before !== null && this.#buses.transition === null) this.emit('desk')
    const picture = this.#pictureOf(shown)
    const samples = this.#soundOf(shown, count)
    this.#limiter.limit(samples)
    this.#loudness.add(samples)
    this.#encoder.write(picture, samples)
    picture.release()
    this.frames += 1
  }

  #samplesOf (name, count) {
    const length = count * CHANNELS
    if (this.#samples.get(name)?.length !== length) this.#samples.set(name, new Float32Array(length))
    return this.#samples.get(name)
  }

  /** Outside of a transition a source's picture goes through as it is, uncopied. */
  #pictureOf ({ programme, preview, position, kind, direction, black }) {
    let picture = this.#viewOf(programme)
    if (position > 0) picture = this.#joined(picture, this.#viewOf(preview), { kind, direction, position })
    return black > 0 ? this.#joined(picture, this.#black.hold(), { kind: MIX, position: black }) : picture
  }

  #viewOf (name) {
    return (this.#sources.get(name)?.picture ?? this.#black).hold()
  }

  #joined (from, to, { kind, direction, position }) {
    const into = this.#pool.take()
    if (kind === MIX) mix(from.words, to.words, position, into.words)
    else wipe(from.bytes, to.bytes, position, direction, into.bytes, this.#format)
    from.release()
    to.release()
    return into
  }

  #soundOf (shown, count) {
    const { programme, preview, position, black } = shown
    const level = { [preview]: position, [programme]: 1 - position }
    const mixed = new Float32Array(count * CHANNELS)
    const isCut = this.#before !== null && shown.kind === null && this.#before !== programme
    const sources = [...this.#sources].map(([name, source]) => ({
      name, samples: this.#samples.get(name), level: level[name] ?? 0, gain: source.gain
    }))
    this.#sound.mix(sources, isCut, mixed)
    if (black > 0) for (let index = 0; index < mixed.length; index++) mixed[index] *= 1 - black
    this.#before = programme
    return mixed
  }

  #encoded (bytes) {
    for (const piece of this.#entryPoints.feed(bytes)) {
      for (const output of this.#outputs.values()) output.send(piece)
    }
  }
}

function partFigures ({ pid, restarts, lastError }, more) {
  return { pid, restarts, lastError, ...more }
}

module.exports = { Engine }
