import type { Samples, Series } from '../model/series.ts'
import { isStale } from '../model/series.ts'
import type { AtModifier } from '../syntax/ast.ts'
import type { Column } from './column.ts'
import { newColumn, put } from './column.ts'
import type { Timeline } from './timeline.ts'
import { timeAt } from './timeline.ts'

/** What a selector may look back for, and the ends of the whole query that `@ start()` and `@ end()` mean. */
export interface SelectorContext {
  readonly lookbackMs: number
  readonly queryStartMs: number
  readonly queryEndMs: number
}

/** The moment that a selector looks at when the expression is evaluated at step `step`. */
export type ReferenceTime = (step: number) => number

export function referenceTime(
  at: AtModifier,
  offsetMs: number,
  timeline: Timeline,
  context: SelectorContext,
): ReferenceTime {
  if (at === null) return (step) => timeAt(timeline, step) - offsetMs
  const fixedMs = at === 'start' ? context.queryStartMs : at === 'end' ? context.queryEndMs : at
  return () => fixedMs - offsetMs
}

/** The first and last moments of a timeline as a selector sees them. */
export function referenceBounds(
  reference: ReferenceTime,
  timeline: Timeline,
): [firstMs: number, lastMs: number] {
  return [reference(0), reference(timeline.count - 1)]
}

/**
 * The newest sample at each moment, unless it is a stale marker or as old as the lookback (its left end is open).
 * With `timestamps`, when it was taken (in seconds) instead of what it was.
 */
export function instantColumn(
  series: Series,
  timeline: Timeline,
  reference: ReferenceTime,
  lookbackMs: number,
  timestamps: boolean,
): Column {
  const { times, values, length } = series
  const column = newColumn(series.labels, timestamps, timeline.count)
  let next = 0
  for (let step = 0; step < timeline.count; step++) {
    const atMs = reference(step)
    while (next < length && (times[next] as number) <= atMs) next++
    const newest = next - 1
    if (newest < 0) continue
    const sampleMs = times[newest] as number
    if (sampleMs <= atMs - lookbackMs || isStale(values, newest)) continue
    put(column, step, timestamps ? sampleMs / 1000 : (values[newest] as number))
  }
  return column
}

/** Range functions never see stale markers. Copies only when there are some. */
export function withoutStale(samples: Samples): Samples {
  let kept = 0
  for (let at = 0; at < samples.length; at++) if (!isStale(samples.values, at)) kept++
  if (kept === samples.length) return samples
  const times = new Float64Array(kept)
  const values = new Float64Array(kept)
  let next = 0
  for (let at = 0; at < samples.length; at++) {
    if (isStale(samples.values, at)) continue
    times[next] = samples.times[at] as number
    values[next] = samples.values[at] as number
    next++
  }
  return { times, values, length: kept }
}

/** The values of an inner query as samples at the moments of its timeline. */
export function samplesOf(column: Column, timeline: Timeline): Samples {
  const times = new Float64Array(timeline.count)
  const values = new Float64Array(timeline.count)
  let length = 0
  for (let step = 0; step < timeline.count; step++) {
    if (column.present[step] === 0) continue
    times[length] = timeAt(timeline, step)
    values[length] = column.values[step] as number
    length++
  }
  return { times, values, length }
}

/** When a subquery evaluates its body: at multiples of its step after the start of the first range, to the end of the last. */
export function subqueryTimeline(
  firstMs: number,
  lastMs: number,
  rangeMs: number,
  stepMs: number,
): Timeline {
  const openStartMs = firstMs - rangeMs
  const startMs = (Math.floor(openStartMs / stepMs) + 1) * stepMs
  return { startMs, stepMs, count: Math.max(0, Math.floor((lastMs - startMs) / stepMs) + 1) }
}
