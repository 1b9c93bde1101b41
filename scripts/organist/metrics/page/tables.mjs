/** The latest figures as rows. */

import { megabits } from './model.mjs'

const SILENT_MS = 4500

const shown = (value, digits = 0) => (value === null || value === undefined ? '–' : value.toFixed(digits))

function cell (text, className = '') {
  const element = document.createElement('td')
  element.textContent = text
  element.className = className
  return element
}

function row (texts, figures, at, now) {
  const element = document.createElement('tr')
  const seconds = Math.max(0, now - at) / 1000
  const silent = seconds * 1000 > SILENT_MS
  element.append(
    ...texts.map((text) => cell(text)),
    ...figures.map((figure) => cell(figure, 'number')),
    cell(silent ? `silent for ${seconds.toFixed(0)} s` : `${seconds.toFixed(0)} s ago`, silent ? 'number stopped' : 'number')
  )
  return element
}

/** Fill the table of chains. */
export function showChains (body, model, production, now) {
  body.replaceChildren(...model.of('chains', production).map((series) => {
    const { at, state, frames, droppedFrames, frameRate, bitRate, speed, linkLatencyMs, restarts } = series.latest
    const figures = [
      shown(frames), shown(droppedFrames), shown(frameRate, 2), shown(megabits(bitRate), 1), shown(speed, 2), shown(linkLatencyMs), shown(restarts), shown(model.memoryOf(series))
    ]
    return row([series.name, state], figures, at, now)
  }))
}

/** Fill the table of dynamorse's nodes, which is hidden where there are none. */
export function showNodes (table, model, production, now) {
  const nodes = model.of('nodes', production)
  table.hidden = nodes.length === 0
  table.tBodies[0].replaceChildren(...nodes.map(({ name, latest: { at, state, grains, work, waiting } }) =>
    row([name, state], [shown(grains), shown(work, 1), shown(waiting)], at, now)))
}
