/** Where ticks stand on an axis, and where a line is broken. */

const STEPS_OF_TIME = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800].map((seconds) => seconds * 1000)
const GAP_MS = 4500

/** The smallest of 1, 2, 5, 10, 20, 50 … with which `count` steps reach `most`. */
export function niceStep (most, count) {
  const rough = most / count
  const power = 10 ** Math.floor(Math.log10(rough))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * (1 - 1e-9))
}

/** Ticks from 0 up to the first that is not below `most`. */
export function ticksUpTo (most, count = 4) {
  const step = niceStep(Math.max(most, Number.MIN_VALUE * 1e10), count)
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(12)))
}

/** Round times (ms since the epoch) between two, `count` at the most. */
export function timeTicks (from, to, count) {
  const step = STEPS_OF_TIME.find((candidate) => (to - from) / candidate <= count) ?? STEPS_OF_TIME.at(-1)
  const ticks = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return ticks
}

/** Points in runs: a line ends where a value is missing or nothing came for a while. */
export function runsOf (points, value) {
  const runs = []
  let before = null
  for (const point of points) {
    if (value(point) === null) {
      before = null
      continue
    }
    if (before === null || point.at - before.at > GAP_MS) runs.push([])
    runs.at(-1).push(point)
    before = point
  }
  return runs
}

/** The point nearest to a time, unless it is further off than a gap. */
export function nearest (points, at) {
  let best = null
  for (const point of points) if (best === null || Math.abs(point.at - at) < Math.abs(best.at - at)) best = point
  return best && Math.abs(best.at - at) <= GAP_MS ? best : null
}
