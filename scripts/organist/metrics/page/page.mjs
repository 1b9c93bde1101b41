import { Chart, clockTime } from './chart.mjs'
import { Model, megabits } from './model.mjs'
import { showChains, showNodes } from './tables.mjs'

const POLL_MS = 1000
const STOPPED_MS = 4500
const LEFT_OPEN_MS = 15_000
const LEAST_SPAN_MS = 60_000

const CHARTS = [
  { kind: 'chains', title: 'Frame rate', unit: 'frames/s', digits: 2, least: 1, value: ({ frameRate }) => frameRate },
  { kind: 'chains', title: 'Bit rate', unit: 'Mbit/s', digits: 1, least: 1, value: ({ bitRate }) => megabits(bitRate) },
  { kind: 'chains', title: 'Speed', unit: '× real time', digits: 2, least: 1.2, value: ({ speed }) => speed },
  { kind: 'chains', title: 'Dropped frames', unit: 'frames since the start', digits: 0, least: 4, value: ({ droppedFrames }) => droppedFrames },
  { kind: 'chains', title: 'Latency of the link', unit: 'ms, from picture to picture', digits: 0, least: 100, value: ({ linkLatencyMs }) => linkLatencyMs },
  { kind: 'processes', title: 'Memory of Node-RED', unit: 'MiB', digits: 0, least: 100, value: ({ memory }) => memory },
  { kind: 'nodes', title: 'Grains of dynamorse', unit: 'grains/s', digits: 0, least: 10, value: ({ grains }) => grains }
].map((wanted) => ({ ...wanted, chart: new Chart(wanted) }))

const at = (id) => document.getElementById(id)
const model = new Model()
let unreachableSince = null
let chosen = null // the production that is shown

/** Ask for what is new. The command that has ended answers no more: what came before stays on the page. */
async function poll () {
  try {
    const answer = await fetch(`documents?after=${model.last}`, { signal: AbortSignal.timeout(5000) })
    const { records, refused } = await answer.json()
    unreachableSince = null
    model.add(records)
    at('refused').textContent = refused === 0 ? '' : `${refused} requests were refused: they held no document.`
  } catch {
    unreachableSince ??= Date.now()
  }
  show()
  setTimeout(poll, POLL_MS)
}

function setStatus (text, stopped) {
  const status = at('status')
  status.classList.toggle('stopped', stopped)
  // Set only when it differs: a screen reader reads it out each time.
  if (status.textContent !== text) status.textContent = text
}

function showStatus (now, last) {
  if (unreachableSince !== null) {
    setStatus(`The command gives no answer since ${clockTime(unreachableSince)}: it has ended. These are the last figures.`, true)
  } else if (last !== null && now - last > STOPPED_MS) {
    setStatus(`No data since ${clockTime(last)}: the machines are gone, or cannot reach this computer.`, true)
  } else if (last !== null) setStatus('Live', false)
}

/** Keep the list of productions; one that comes new is shown. */
function showProductions () {
  const list = at('production')
  const { productions } = model
  if (list.options.length === productions.length) return
  list.replaceChildren(...productions.map((name) => new Option(name, name)))
  chosen = productions.at(-1)
  list.value = chosen
}

function show () {
  const now = Date.now()
  showProductions()
  const { first, last } = chosen === null ? { first: null, last: null } : model.heard(chosen)
  showStatus(now, last)
  if (last === null) return
  const to = Math.min(now, last + LEFT_OPEN_MS)
  // A production that has just begun fills the chart from its first document on.
  const from = Math.max(to - at('minutes').value * 60_000, Math.min(first, to - LEAST_SPAN_MS))
  const span = { from, to, silentSince: now - last > STOPPED_MS ? last : null }
  for (const { kind, chart } of CHARTS) {
    const series = model.of(kind, chosen)
    if (series.length === 0) chart.element.remove()
    else {
      if (!chart.element.isConnected) at('charts').append(chart.element)
      chart.show(series, span)
    }
  }
  showChains(at('chains').tBodies[0], model, chosen, now)
  at('chains').hidden = model.of('chains', chosen).length === 0
  showNodes(at('nodes'), model, chosen, now)
}

at('production').addEventListener('change', ({ target }) => {
  chosen = target.value
  show()
})
at('minutes').addEventListener('change', show)
new ResizeObserver(show).observe(at('charts'))
poll()
