'use strict'

const { EventEmitter } = require('node:events')
const { ProductionClock } = require('./clock/production-clock')
const { BLACK, Buses, MIX } = require('./mixing/buses')
const { FadeSchedule } = require('./mixing/fade-schedule')
const { EncodedStream } = require('./outputs/encoded-stream')
const { SourceEncodings } = require('./outputs/source-encodings')
const { mix, wipe } = require('./pictures/blend')
const { PictureFormat } = require('./pictures/picture-format')
const { PicturePool } = require('./pictures/picture-pool')
const { Limiter } = require('./sound/limiter')
const { LoudnessMeter } = require('./sound/loudness')
const { ProgrammeSound } = require('./sound/programme-sound')
const { CHANNELS } = require('./sound/sample-timeline')
const { MediaServer } = require('./sources/fetching/media-server')
const { RtmpEntrance } = require('./sources/rtmp/rtmp-entrance')
const { SecretStore } = require('./sources/fetching/secret-store')
const { Sources } = require('./sources/sources')
const { WrongCommand } = require('./wrong-command')

/** An encoder machine waits for the programme's source; where it does not come, for so long: then black and slates are the programme. */
const PATIENCE_MS = 1000

/**
 * The engine of one chain: sources, mixed by the production's clock, encoded, and sent to every output.
 *
 * Events: `trouble` (text) when a part failed, which has begun again by itself; `desk` when what an operator or the schedule has set
 * changed; `tick` after each frame.
 */
class Engine extends EventEmitter {
  frames = 0
  #definition
  #place
  #time
  #format
  #pool
  #clock
  #sources
  #buses
  #streams
  #sourceEncodings
  #schedule
  #sound = new ProgrammeSound()
  #limiter = new Limiter()
  #loudness = new LoudnessMeter()
  #black
  #lastProgramme = null
  #samples = new Map()
  #startedAt = Date.now()
  #hasBegun = false
  /** The first frame of this process, and whether its programme's source has been there since. */
  #first = 0
  #isProgramme = false

  /**
   * @param {object} definition `name`, `format`, `sources` (each with its `number`, or in their order; 1 and 2 start on programme and preview,
   *   and the fader moves between them), `fader`, `fades`, `encoders`, `sourceEncoders` (of sources by themselves, see SourceEncodings), `slate` (see
   *   OwnSlate; the standard slates without one), `beginsWithSource` (nothing is encoded before a source's first picture: what comes before the mixer machine is nobody's programme)
   * @param {object} place `ffmpegPath`, `folder` (for sockets, of this engine alone), `font`, `fetching` (see MediaServer), `secrets` (see SecretStore)
   * @param {object} time `now` (ms, monotonic), `setTimeout`, `clearTimeout`
   */
  constructor (definition, place, time) {
    super()
    this.#definition = definition
    this.#time = time
    this.#format = new PictureFormat(definition.format)
    this.#pool = new PicturePool(this.#format.pictureBytes)
    this.#place = {
      ...place, format: this.#format, pool: this.#pool, mediaServer: new MediaServer(place.fetching), rtmpServer: new RtmpEntrance(time),
      secrets: new SecretStore(place.secrets)
    }
    this.#clock = new ProductionClock(this.#format.rate, time, (number) => this.#tick(number))
    this.#sources = new Sources(definition.sources, this.#place, time)
    this.#sources.on('trouble', (text) => this.emit('trouble', text))
    this.#buses = new Buses(...this.#faderSources)
    this.#schedule = new FadeSchedule(definition.fades ?? [], this.#format.rate, ({ fader, seconds }) => this.moveFader(fader, seconds))
    if (definition.fader !== undefined) this.moveFader(definition.fader, 0)
    this.#streams = definition.encoders.map((encoder) => new EncodedStream(encoder, this.#place, time))
    this.#black = this.#pool.take()
    this.#format.fill(this.#black.bytes)
    for (const stream of this.#streams) stream.on('trouble', (text) => this.emit('trouble', `${stream.name}: ${text}`))
    this.#sourceEncodings = new SourceEncodings(definition.sourceEncoders ?? [], this.#place, time)
    this.#sourceEncodings.on('trouble', (text) => this.emit('trouble', text))
  }

  /** Go on air. Resolves when it is. */
  async start () {
    await this.#place.mediaServer.listen()
    this.#sources.slate = this.#definition.slate ?? null
    // One that died goes on with the number that it would have reached: what was missed in between is counted.
    this.#first = this.#format.rate.framesWithin(Date.now() - this.#startedAt) - 1
    this.#sources.start()
    for (const stream of [...this.#streams, this.#sourceEncodings]) stream.start(this.#first)
    this.#clock.start(this.#first)
    this.emit('desk')
  }

  /** Go off air: the last picture is encoded, and every output finished. */
  async stop () {
    this.#clock.stop()
    await this.#sources.stop()
    await Promise.all([...this.#streams, this.#sourceEncodings].map((stream) => stream.stop()))
    await this.#place.mediaServer.close()
  }

  /**
   * Take another definition on air: sources that differ begin anew, the others and everything behind them go on.
   *
   * @returns {boolean} false, and nothing is changed, when more than its sources, what is encoded of them, its slate and its outputs differ
   */
  redefine (definition) {
    if (fixedOf(definition) !== fixedOf(this.#definition)) return false
    this.#definition = definition
    const numbers = new Map(this.#sources.names.map((name) => [name, this.#sources.numberOf(name)]))
    this.#sources.redefine(definition.sources)
    this.#sources.slate = definition.slate ?? null
    definition.encoders.forEach((encoder, index) => this.#streams[index].redefine(encoder))
    this.#sourceEncodings.redefine(definition.sourceEncoders ?? [])
    this.#buses.follow((name) => this.#sources.get(name) ? name : this.#sources.nameOf(numbers.get(name)), this.#faderSources)
    this.emit('desk')
    return true
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
    if (!source) throw new WrongCommand(`source must be one of ${this.#sources.names.join(', ')}, not ${JSON.stringify(name)}`)
    return source
  }

  /**
   * Move the fader between source 1 (seen alone at 1) and source 2 (at 0), in so many seconds.
   *
   * @returns {boolean} false, and nothing is moved, while another source is on either bus
   */
  moveFader (fader, seconds) {
    const frames = Math.max(1, Math.round(seconds * this.#format.rate.value))
    return this.#buses.moveFader(...this.#faderSources, { fader, frames })
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
    const { programme, preview, transition, black } = this.#buses
    return {
      name: this.#definition.name,
      pid: process.pid,
      frames: this.frames,
      missedFrames: this.#clock.missed,
      programme,
      preview,
      transition: transition && { kind: transition.kind, position: transition.position },
      fader: this.#buses.faderBetween(...this.#faderSources),
      skippedFades: this.#schedule.skipped,
      black: black.position,
      sources: Object.fromEntries([...this.#sources].map(([name, source]) => [name, source.figures])),
      slate: this.#sources.slateFigures,
      encoders: this.#streams.map((stream) => stream.figures),
      sourceEncoders: this.#sourceEncodings.figures,
      loudness: this.#loudness.figures
    }
  }

  get #faderSources () {
    return [1, 2].map((number) => this.#sources.nameOf(number) ?? BLACK)
  }

  #tick (number) {
    const { rate } = this.#format
    const count = rate.samplesUpTo(number + 1) - rate.samplesUpTo(number)
    for (const [name, source] of this.#sources) source.tick(this.#samplesOf(name, count))
    this.#sourceEncodings.write((name) => this.#givenBy(name), number)
    this.#schedule.tick(number, this.#sources.get(this.#buses.programme)?.isLive ?? false)
    const moving = this.#buses.transition
    const shown = this.#buses.tick()
    if (moving !== null && this.#buses.transition === null) this.emit('desk')
    const picture = this.#pictureOf(shown)
    const samples = this.#soundOf(shown, count)
    this.#hasBegun ||= !this.#definition.beginsWithSource || this.#schedule.onAirAt !== null
    if (this.#hasBegun) {
      this.#isProgramme ||= this.#isProgrammeThere || number - this.#first >= this.#format.rate.framesOf(PATIENCE_MS)
      for (const stream of this.#streams) stream.write(picture, samples, number, this.#isProgramme)
      this.frames += 1
    }
    picture.release()
    this.emit('tick')
  }

  get #isProgrammeThere () {
    const source = this.#sources.get(this.#buses.programme)
    return source === undefined || source.isLive
  }

  /** What a source has given at this tick, as nobody has mixed it. */
  #givenBy (name) {
    const source = this.#sources.get(name)
    return source ? { picture: source.picture ?? this.#black, samples: this.#samples.get(name) } : null
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
    return (this.#sources.get(this.#standInFor(name))?.picture ?? this.#black).hold()
  }

  /** Who is seen and heard in a source's place: itself, or while it is gone the one that it names. */
  #standInFor (name) {
    const source = this.#sources.get(name)
    const other = source && !source.isLive ? this.#sources.nameOf(source.failoverTo) : undefined
    return this.#sources.get(other)?.isLive ? other : name
  }

  #joined (from, to, { kind, direction, position }) {
    const into = this.#pool.take()
    if (kind === MIX) mix(from.words, to.words, position, into.words)
    else wipe(from.bytes, to.bytes, position, direction, into.bytes, this.#format)
    from.release()
    to.release()
    return into
  }

  #soundOf ({ programme, preview, position, kind, black }, count) {
    const [shown, next] = [this.#standInFor(programme), this.#standInFor(preview)]
    const levels = { [next]: position, [shown]: next === shown ? 1 : 1 - position }
    const sources = [...this.#sources].map(([name, source]) =>
      ({ name, samples: this.#samples.get(name), level: levels[name] ?? 0, gain: source.gain }))
    const samples = new Float32Array(count * CHANNELS)
    const isCut = kind === null && this.#lastProgramme !== null && this.#lastProgramme !== shown
    this.#sound.mix(sources, { isCut, black }, samples)
    this.#lastProgramme = shown
    this.#limiter.limit(samples)
    this.#loudness.add(samples)
    return samples
  }
}

/** What of a definition cannot change on air: all but sources, slate, what is encoded of sources alone, and outputs, and of those the links. */
function fixedOf ({ sources, slate, encoders, sourceEncoders, ...rest }) {
  const withoutOutputs = ({ outputs, ...rendition }) => rendition
  return JSON.stringify([rest, encoders.map(({ outputs, renditions = [], ...encoder }) =>
    [encoder, renditions.map(withoutOutputs), outputs.filter(({ controlPort }) => controlPort)])])
}

module.exports = { Engine }
