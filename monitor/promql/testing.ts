import { Labels } from './model/labels.ts'
import type { Matcher } from './model/matcher.ts'
import type { Series, SeriesSource } from './model/series.ts'
import { writeStale } from './model/series.ts'

/** Series in memory with a sample every `stepMs` from time 0; null is a gap, `stale` a stale marker. */
export function sourceOf(
  series: Readonly<Record<string, readonly (number | null | 'stale')[]>>,
  stepMs: number,
  labelsOf: (name: string) => Record<string, string> = namedLabels,
): SeriesSource {
  const all = Object.entries(series).map(([name, values]) =>
    seriesOf(labelsOf(name), values, stepMs),
  )
  return {
    select: (matchers: readonly Matcher[]) =>
      all.filter(({ labels }) => matchers.every((matcher) => matcher.matches(labels))),
  }
}

/** Reads `name` or `name,label=value,label=value`. */
function namedLabels(text: string): Record<string, string> {
  const [name = '', ...labels] = text.split(',')
  return { __name__: name, ...Object.fromEntries(labels.map((label) => label.split('='))) }
}

function seriesOf(
  labels: Record<string, string>,
  noted: readonly (number | null | 'stale')[],
  stepMs: number,
): Series {
  const kept = noted.map((value, at) => ({ value, at })).filter(({ value }) => value !== null)
  const times = new Float64Array(kept.length)
  const values = new Float64Array(kept.length)
  kept.forEach(({ value, at }, index) => {
    times[index] = at * stepMs
    if (value === 'stale') writeStale(values, index)
    else values[index] = value ?? 0
  })
  return { labels: Labels.of(labels), times, values, length: kept.length }
}
