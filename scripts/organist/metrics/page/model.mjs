/** What the documents say, as series of points over time. */

const KEPT_MS = 60 * 60 * 1000
const NOT_NAMED = 'not named'
const GAP_MS = 4500

/** A finite number, or null: documents come from elsewhere. */
export const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const text = (value) => (typeof value === 'string' ? value : '')
const scaled = (value, factor) => (number(value) === null ? null : value * factor)

/** Mbit/s of bit/s; null of null. */
export const megabits = (bitRate) => scaled(bitRate, 1e-6)

/** Times and values of points, for a chart: null, which breaks the line, also where nothing came for a while. */
export function columnsOf (points, value) {
  const times = []
  const values = []
  for (const point of points) {
    if (times.length > 0 && point.at - times.at(-1) > GAP_MS) {
      times.push(times.at(-1) + 1)
      values.push(null)
    }
    times.push(point.at)
    values.push(value(point))
  }
  return [times, values]
}

/** One chain, process or node: `name`, `production`, and `points`, each with its time `at` (ms). */
class Series {
  points = []

  constructor (key, name, production) {
    Object.assign(this, { key, name, production })
  }

  add (point) {
    this.points.push(point)
    const first = this.points.findIndex(({ at }) => at > point.at - KEPT_MS)
    if (first > 0) this.points.splice(0, first)
  }

  get latest () {
    return this.points.at(-1)
  }
}

/** A chain's name, with its machine's where that does not say the same. */
function chainName (machine, chain) {
  return machine.startsWith(chain) ? machine : `${machine} ${chain}`
}

const READERS = {
  media: (part) => ({
    kind: 'chains',
    machine: text(part.instanceName),
    production: text(part.productionId),
    name: chainName(text(part.instanceName), text(part.chain)),
    point: {
      state: text(part.state),
      frames: number(part.frames),
      droppedFrames: number(part.droppedFrames),
      frameRate: number(part.frameRate),
      bitRate: number(part.bitRate),
      speed: number(part.speed),
      linkLatencyMs: number(part.linkLatencyMs),
      linkLostPackets: number(part.linkLostPackets),
      linkReconnects: number(part.linkReconnects),
      integratedLufs: number(part.integratedLufs),
      truePeakDbtp: number(part.truePeakDbtp),
      restarts: number(part.restarts)
    }
  }),
  nodeJS: (part) => ({
    kind: 'processes',
    machine: text(part.instanceName),
    production: text(part.productionId),
    name: text(part.instanceName) || `process ${part.pid}`,
    point: { memory: scaled(part.rss, 1 / 1024 / 1024) }
  }),
  redioactive: (part) => ({
    kind: 'nodes',
    production: '',
    name: `${text(part.nodeName)} of process ${part.pid}`,
    point: {
      state: text(part.redioType),
      grains: number(part.grainFlow),
      // Counted in ns in 32 bits: a grain that takes longer than 2.1 s makes it negative. 0 without any grain.
      work: part.nodeWorkAvg > 0 ? scaled(part.nodeWorkAvg, 1e-6) : null,
      waiting: number(part.bufferLength)
    }
  })
}

/** Everything that was received, for the page to draw. */
export class Model {
  /** Number of the last record. */
  last = 0
  #series = new Map()

  add (records) {
    for (const { number: count, received, document } of records) {
      this.last = count
      const at = Date.parse(received)
      for (const [kind, read] of Object.entries(READERS)) {
        const part = document[kind]
        if (part && typeof part === 'object') this.#take(read(part), at)
      }
    }
  }

  /** Names of the productions, the one heard of first before the others. */
  get productions () {
    return [...new Set([...this.#series.values()].map(({ production }) => production))]
  }

  /** Series of one kind (`chains`, `processes`, `nodes`) of a production. */
  of (kind, production) {
    return [...this.#series.values()].filter((series) => series.kind === kind && series.production === production)
  }

  /** When the first point of a production came that is still here, and when the last (ms). */
  heard (production) {
    const own = [...this.#series.values()].filter((series) => series.production === production)
    return { first: Math.min(...own.map(({ points }) => points[0].at)), last: Math.max(...own.map(({ latest }) => latest.at)) }
  }

  /** Memory (MiB) of the Node-RED in which a chain is; null before it has said. */
  memoryOf ({ machine, production }) {
    return this.of('processes', production).find((process) => process.machine === machine)?.latest.memory ?? null
  }

  #take ({ kind, machine, production, name, point }, at) {
    const key = JSON.stringify([kind, production, name])
    if (!this.#series.has(key)) this.#series.set(key, Object.assign(new Series(key, name, production || NOT_NAMED), { kind, machine }))
    this.#series.get(key).add({ at, ...point })
  }
}
