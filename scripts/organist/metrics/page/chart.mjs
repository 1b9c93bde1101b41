import { nearest, runsOf, ticksUpTo, timeTicks } from './scales.mjs'

const SVG = 'http://www.w3.org/2000/svg'
const HEIGHT = 200
const PIXELS_A_TIME = 80
const EDGE = { left: 46, right: 12, top: 20, bottom: 24 }
const DASHES = ['none', '7 4', '2 3', '9 3 2 3', '14 4', '4 2 1 2']
const MARKS = ['M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0', 'M-4-4h8v8h-8z', 'M0-5L5 4H-5z', 'M0-5L5 0L0 5L-5 0z', 'M-4-4L4 4M4-4L-4 4', 'M0-5V5M-5 0H5']

export const clockTime = (at) => new Date(at).toLocaleTimeString('en-GB')

function draw (parent, name, attributes = {}, text = '') {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.textContent = text
  parent.append(element)
  return element
}

/** A line's colour, dashes and mark, by its place in the legend. */
function looks (index) {
  const place = index % DASHES.length
  return { stroke: `var(--line-${place})`, dashes: DASHES[place], mark: MARKS[place] }
}

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
    this.svg = document.createElementNS(SVG, 'svg')
    this.svg.setAttribute('role', 'img')
    this.legend = document.createElement('ul')
    this.legend.className = 'legend'
    this.element.append(caption, this.svg, this.legend)
    this.svg.addEventListener('pointermove', ({ clientX }) => this.#point(clientX - this.svg.getBoundingClientRect().left))
    this.svg.addEventListener('pointerleave', () => this.#point(null))
  }

  /** Draw the series over a span: `from`, `to`, and `silentSince` (ms, null while documents come). */
  show (series, span) {
    this.series = series
    this.span = span
    this.#redraw()
  }

  #point (x) {
    this.pointer = x
    if (this.series) this.#redraw()
  }

  #redraw () {
    const { value, digits } = this.wanted
    const { from, to, silentSince } = this.span
    const width = Math.max(this.svg.clientWidth, 200)
    const visible = this.series.map((one) => ({ name: one.name, points: one.points.filter(({ at }) => at >= from && at <= to) }))
    const values = visible.flatMap(({ points }) => points.map(value)).filter((one) => one !== null)
    const ticks = ticksUpTo(Math.max(this.wanted.least, ...values))
    const x = (at) => EDGE.left + (at - from) / (to - from) * (width - EDGE.left - EDGE.right)
    const y = (height) => HEIGHT - EDGE.bottom - height / ticks.at(-1) * (HEIGHT - EDGE.top - EDGE.bottom)
    this.svg.replaceChildren()
    this.svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`)
    this.#axes(ticks, x, y, width)
    if (silentSince !== null) this.#silence(x(Math.max(silentSince, from)), x(to), silentSince)
    visible.forEach(({ points }, index) => this.#line(points, looks(index), x, y))
    const at = this.#pointedAt(width)
    if (at !== null) draw(this.svg, 'line', { class: 'pointer', x1: x(at), x2: x(at), y1: EDGE.top, y2: HEIGHT - EDGE.bottom })
    const shown = visible.map(({ name, points }) => {
      const point = at === null ? points.at(-1) : nearest(points, at)
      const known = point && value(point) !== null
      return { name, figure: known ? value(point).toFixed(digits) : '–' }
    })
    this.#legend(shown)
    this.svg.setAttribute('aria-label', `${this.wanted.title}: ${shown.map(({ name, figure }) => `${name} ${figure}`).join(', ')} ${this.wanted.unit}`)
  }

  #axes (ticks, x, y, width) {
    for (const tick of ticks) {
      draw(this.svg, 'line', { class: tick === 0 ? 'axis' : 'grid', x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) })
      draw(this.svg, 'text', { x: EDGE.left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, String(tick))
    }
    for (const at of timeTicks(this.span.from, this.span.to, Math.floor(width / PIXELS_A_TIME))) {
      draw(this.svg, 'line', { class: 'axis', x1: x(at), x2: x(at), y1: y(0), y2: y(0) + 4 })
      const nearEdge = x(at) > width - 35
      draw(this.svg, 'text', { x: nearEdge ? width - 2 : x(at), y: HEIGHT - 5, 'text-anchor': nearEdge ? 'end' : 'middle' }, clockTime(at))
    }
  }

  #silence (from, to, since) {
    draw(this.svg, 'rect', { class: 'silence', x: from, y: EDGE.top, width: Math.max(to - from, 0), height: HEIGHT - EDGE.top - EDGE.bottom })
    draw(this.svg, 'text', { class: 'silent', x: to, y: EDGE.top - 7, 'text-anchor': 'end' }, `no data since ${clockTime(since)}`)
  }

  #line (points, { stroke, dashes, mark }, x, y) {
    const { value } = this.wanted
    for (const run of runsOf(points, value)) {
      const path = run.map((point, index) => `${index ? 'L' : 'M'}${x(point.at).toFixed(1)} ${y(value(point)).toFixed(1)}`).join('')
      draw(this.svg, 'path', { class: 'line', d: path, stroke, 'stroke-dasharray': dashes })
      const last = run.at(-1)
      draw(this.svg, 'path', { class: 'mark', d: mark, stroke, fill: stroke, transform: `translate(${x(last.at)} ${y(value(last))})` })
    }
  }

  #pointedAt (width) {
    if (this.pointer === null || this.pointer === undefined) return null
    const share = (this.pointer - EDGE.left) / (width - EDGE.left - EDGE.right)
    return share < 0 || share > 1 ? null : this.span.from + share * (this.span.to - this.span.from)
  }

  #legend (shown) {
    this.legend.replaceChildren(...shown.map(({ name, figure }, index) => {
      const item = document.createElement('li')
      const sample = document.createElementNS(SVG, 'svg')
      const { stroke, dashes, mark } = looks(index)
      draw(sample, 'line', { x1: 0, x2: 34, y1: 6, y2: 6, class: 'line', stroke, 'stroke-dasharray': dashes })
      draw(sample, 'path', { d: mark, stroke, fill: stroke, transform: 'translate(17 6)' })
      const strong = document.createElement('b')
      strong.textContent = figure
      item.append(sample, ` ${name} `, strong)
      return item
    }))
  }
}
