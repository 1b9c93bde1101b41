import './language.mjs'
import uPlot from './uPlot.esm.js'
import { columnsOf } from './model.mjs'

const HEIGHT = 200
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [14, 4], [4, 2, 1, 2]]
const NEAR = [0, -1, 1, -2, 2] // chains report at different moments, so the neighbours of a column count, too

export const clockTime = (at) => new Date(at).toLocaleTimeString('en-GB')

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name)
const line = (index) => colour(`--line-${index % DASHES.length}`)
const known = (value) => value !== null && value !== undefined

/** One chart: axes with units, a line a series, a legend with the figures at the pointer or, without one, the latest. */
export class Chart {
  /** @param {{title: string, unit: string, digits: number, value: function, least: number}} wanted */
  constructor (wanted) {
    this.wanted = wanted
    this.element = document.createElement('figure')
    const caption = document.createElement('figcaption')
    const unit = document.createElement('span')
    unit.textContent = ` ${wanted.unit}`
    caption.append(wanted.title, unit)
    this.element.append(caption)
    // The legend's colours are set once.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { this.names = null })
  }

  /** Draw the series over a span: `from`, `to`, and `silentSince` (ms, null while documents come). */
  show (series, span) {
    this.span = span
    const names = series.map(({ name }) => name)
    if (String(names) !== String(this.names)) this.#plotAnew(names)
    const width = this.element.querySelector('.plot').clientWidth
    if (width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT })
    const visible = series.map(({ points }) => points.filter(({ at }) => at >= span.from && at <= span.to))
    this.plot.setData(uPlot.join(visible.map((points) => columnsOf(points, this.wanted.value))))
    const figures = names.map((name, index) => `${name} ${this.#figure(index + 1, null)}`)
    this.plot.root.setAttribute('aria-label', `${this.wanted.title}: ${figures.join(', ')} ${this.wanted.unit}`)
  }

  #plotAnew (names) {
    this.plot?.destroy()
    this.element.querySelector('.plot')?.remove()
    this.names = names
    const place = document.createElement('div')
    place.className = 'plot'
    this.element.append(place)
    const axis = { stroke: () => colour('--faint'), grid: { stroke: () => colour('--rule'), width: 1 }, ticks: { show: false } }
    this.plot = new uPlot({
      width: Math.max(place.clientWidth, 200),
      height: HEIGHT,
      ms: 1,
      scales: {
        x: { range: () => [this.span.from, this.span.to] },
        y: { range: (plot, least, most) => [0, Math.max(this.wanted.least, most ?? 0) * 1.05] }
      },
      axes: [{ ...axis, grid: { show: false }, size: 28, space: 80, values: (plot, ticks) => ticks.map(clockTime) }, { ...axis, size: 46 }],
      series: [{}, ...names.map((name, index) => ({
        label: name,
        stroke: () => line(index),
        dash: DASHES[index % DASHES.length],
        width: 2,
        points: { show: false },
        value: (plot, value, number, at) => this.#figure(number, at)
      }))],
      legend: { markers: { width: 2, dash: (plot, number) => (number === 1 ? 'solid' : 'dashed') } },
      cursor: { drag: { x: false }, points: { show: false }, y: false },
      hooks: { draw: [(plot) => this.#silence(plot)] }
    }, [[]], place)
    this.plot.root.setAttribute('role', 'img')
  }

  /** A series' figure in words at a column, or the latest where there is no pointer. */
  #figure (number, at) {
    const values = this.plot?.data[number] ?? []
    const value = at === null || at === undefined ? values.findLast((one) => one !== undefined) : NEAR.map((by) => values[at + by]).find(known)
    return known(value) ? value.toFixed(this.wanted.digits) : '–'
  }

  #silence ({ ctx, bbox, valToPos }) {
    const { from, silentSince } = this.span
    if (silentSince === null) return
    const begin = valToPos(Math.max(silentSince, from), 'x', true)
    ctx.save()
    ctx.fillStyle = colour('--alarm')
    ctx.textAlign = 'right'
    ctx.fillText(`no data since ${clockTime(silentSince)}`, bbox.left + bbox.width, bbox.top - 4 * devicePixelRatio)
    ctx.globalAlpha = 0.12
    ctx.fillRect(begin, bbox.top, bbox.left + bbox.width - begin, bbox.height)
    ctx.restore()
  }
}
