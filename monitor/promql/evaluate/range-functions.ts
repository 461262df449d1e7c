import type { Column } from './column.ts'
import { put } from './column.ts'
import { ascending, CompensatedMean, CompensatedSum, quantileOf } from './numeric.ts'
import type { Window } from './window.ts'

/** Gives a step its value from the samples of a window, which are one at least, or leaves it without. */
export type RangeFunction = (
  window: Window,
  column: Column,
  step: number,
  parameter: number,
) => void

/**
 * The increase over the window as if samples reached its ends. Where the first or last sample is further from
 * an end than 1.1 times the usual distance, the series is taken to begin or end half a distance away; a
 * counter is not followed back below zero.
 */
function extrapolated(isCounter: boolean, isRate: boolean): RangeFunction {
  return (window, column, step) => {
    const { times, values, from, to } = window
    const last = to - 1
    if (last <= from) return
    const first = values[from] as number
    let increase = (values[last] as number) - first
    if (isCounter && window.falls) increase += lostToResets(window)
    const firstMs = times[from] as number
    const lastMs = times[last] as number
    const sampledSeconds = (lastMs - firstMs) / 1000
    const distance = sampledSeconds / (last - from)
    const threshold = distance * 1.1
    let toStart = (firstMs - window.startMs) / 1000
    let toEnd = (window.endMs - lastMs) / 1000
    if (toStart >= threshold) toStart = distance / 2
    if (isCounter && increase > 0 && first >= 0) {
      toStart = Math.min(toStart, sampledSeconds * (first / increase))
    }
    if (toEnd >= threshold) toEnd = distance / 2
    const factor = (sampledSeconds + toStart + toEnd) / sampledSeconds
    put(column, step, increase * (isRate ? factor / (window.rangeMs / 1000) : factor))
  }
}

function lostToResets({ values, from, to }: Window): number {
  let lost = 0
  for (let at = from + 1; at < to; at++) {
    const before = values[at - 1] as number
    if ((values[at] as number) < before) lost += before
  }
  return lost
}

/** From the last two samples alone. */
function instantaneous(isRate: boolean): RangeFunction {
  return ({ times, values, from, to }, column, step) => {
    if (to - from < 2) return
    const elapsedSeconds = ((times[to - 1] as number) - (times[to - 2] as number)) / 1000
    if (elapsedSeconds === 0) return
    const last = values[to - 1] as number
    const before = values[to - 2] as number
    const difference = isRate && last < before ? last : last - before
    put(column, step, isRate ? difference / elapsedSeconds : difference)
  }
}

/** Counts neighbours of which `counts` says so. */
function pairs(counts: (before: number, after: number) => boolean): RangeFunction {
  return ({ values, from, to }, column, step) => {
    let found = 0
    for (let at = from + 1; at < to; at++) {
      if (counts(values[at - 1] as number, values[at] as number)) found++
    }
    put(column, step, found)
  }
}

/** The sample that all others give way to; NaN gives way to everything. */
function extreme(beats: (value: number, best: number) => boolean): RangeFunction {
  return ({ values, from, to }, column, step) => {
    let best = values[from] as number
    for (let at = from + 1; at < to; at++) {
      const value = values[at] as number
      if (beats(value, best) || Number.isNaN(best)) best = value
    }
    put(column, step, best)
  }
}

/** Welford's way, compensated. */
function varianceOf({ values, from, to }: Window): number {
  const mean = new CompensatedSum()
  const squares = new CompensatedSum()
  for (let at = from; at < to; at++) {
    const value = values[at] as number
    const delta = value - (mean.sum + mean.compensation)
    mean.add(delta / (at - from + 1))
    squares.add(delta * (value - (mean.sum + mean.compensation)))
  }
  return (squares.sum + squares.compensation) / (to - from)
}

/** Least squares over the window: the slope per second, and the value at `interceptMs`. */
function regression(
  { times, values, from, to }: Window,
  interceptMs: number,
): { slope: number; intercept: number } {
  const sumX = new CompensatedSum()
  const sumY = new CompensatedSum()
  const sumXY = new CompensatedSum()
  const sumXX = new CompensatedSum()
  const first = values[from] as number
  let isConstant = true
  for (let at = from; at < to; at++) {
    const y = values[at] as number
    const x = ((times[at] as number) - interceptMs) / 1000
    if (y !== first) isConstant = false
    sumX.add(x)
    sumY.add(y)
    sumXY.add(x * y)
    sumXX.add(x * x)
  }
  if (isConstant) {
    return Math.abs(first) === Number.POSITIVE_INFINITY
      ? { slope: Number.NaN, intercept: Number.NaN }
      : { slope: 0, intercept: first }
  }
  const count = to - from
  const [x, y, xy, xx] = [sumX, sumY, sumXY, sumXX].map((one) => one.sum + one.compensation) as [
    number,
    number,
    number,
    number,
  ]
  const slope = (xy - (x * y) / count) / (xx - (x * x) / count)
  return { slope, intercept: y / count - (slope * x) / count }
}

/** Functions of one range vector, some with a scalar beside it. */
export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: extrapolated(true, true),
  increase: extrapolated(true, false),
  delta: extrapolated(false, false),
  irate: instantaneous(true),
  idelta: instantaneous(false),
  changes: pairs(
    (before, after) => after !== before && (!Number.isNaN(after) || !Number.isNaN(before)),
  ),
  resets: pairs((before, after) => after < before),
  min_over_time: extreme((value, best) => value < best),
  max_over_time: extreme((value, best) => value > best),
  count_over_time: ({ from, to }, column, step) => put(column, step, to - from),
  present_over_time: (_window, column, step) => put(column, step, 1),
  last_over_time: ({ values, to }, column, step) => put(column, step, values[to - 1] as number),
  sum_over_time: ({ values, from, to }, column, step) => {
    const sum = new CompensatedSum()
    for (let at = from; at < to; at++) sum.add(values[at] as number)
    put(column, step, sum.total)
  },
  avg_over_time: ({ values, from, to }, column, step) => {
    const mean = new CompensatedMean()
    for (let at = from; at < to; at++) mean.add(values[at] as number)
    put(column, step, mean.mean)
  },
  stdvar_over_time: (window, column, step) => put(column, step, varianceOf(window)),
  stddev_over_time: (window, column, step) => put(column, step, Math.sqrt(varianceOf(window))),
  quantile_over_time: ({ values, from, to }, column, step, q) =>
    put(column, step, quantileOf(q, values.slice(from, to).sort(ascending))),
  deriv: (window, column, step) => {
    if (window.to - window.from < 2) return
    // A time near the samples keeps the sums small.
    put(column, step, regression(window, window.times[window.from] as number).slope)
  },
  predict_linear: (window, column, step, aheadSeconds) => {
    if (window.to - window.from < 2) return
    const { slope, intercept } = regression(window, window.evaluatedMs)
    put(column, step, slope * aheadSeconds + intercept)
  },
}

/** Functions that stand for the sample itself, so that the metric's name still fits. */
export const NAME_KEEPING: ReadonlySet<string> = new Set(['last_over_time'])

/** Functions that make sense for counters only. */
export const COUNTER_FUNCTIONS: ReadonlySet<string> = new Set(['rate', 'increase'])
