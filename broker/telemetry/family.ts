/** The labels of one series. Values come from bounded sets: topics, partitions, groups, API names. */
export type Labels = Readonly<Record<string, string | number>>

/** Labels as text already, as `labelText` makes it: for series of which there are thousands. */
export type LabelText = string & { readonly isLabelText: true }

export interface Sample {
  readonly labels: Labels | LabelText
  readonly value: number
}

/** A histogram as it is exposed: counts of observations at or below each bound. */
export interface HistogramSample {
  readonly labels: Labels
  /** Ascending upper bounds with cumulative counts; the infinite bucket is `count`. */
  readonly buckets: readonly (readonly [bound: number, cumulativeCount: number])[]
  readonly sum: number
  readonly count: number
  /** Traced observations in ascending order, at most one of them for each bucket is shown. */
  readonly exemplars?: Iterable<SampleExemplar>
}

/** One observation and the trace that it belongs to. */
export interface SampleExemplar {
  readonly traceId: string
  readonly value: number
  readonly atSeconds: number
}

/**
 * Whose names they are. `own` and `total` (kafka_exporter's, and jmx_exporter's with `_total`) are
 * shown as a rule; the others when `metrics-dialects` asks for them.
 */
export type Dialect = 'own' | 'total' | 'persec' | 'kminion'

export interface FamilyDescription {
  /** As it is exposed in Prometheus text: counters end in `_total`. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** The test that moves it, as a path from the repository's root. */
  readonly movedBy: string
  /** `own` when left out. */
  readonly dialect?: Dialect
  /** Why it is always the same on one broker, where it is. */
  readonly constant?: string
}

/**
 * One metric family: a row of docs/metrics.md and the way to read its values. Values are read from
 * plain numbers when somebody scrapes; nothing is computed before. `unknown` is for counters whose
 * forced name is none of a counter's.
 */
export type Family = FamilyDescription &
  (
    | { readonly type: 'counter' | 'gauge' | 'unknown'; samples(): Iterable<Sample> }
    | { readonly type: 'histogram'; samples(): Iterable<HistogramSample> }
  )

/** Puts labels into the form in which they are exposed. */
export function labelText(labels: Labels): LabelText {
  let text = ''
  for (const name in labels) {
    const value = labels[name]
    if (text !== '') text += ','
    text += `${name}="${typeof value === 'string' ? escapeLabel(value) : value}"`
  }
  return text as LabelText
}

/** More labels behind those that are there. */
export function joinLabels(first: LabelText, second: LabelText): LabelText {
  return (first === '' ? second : `${first},${second}`) as LabelText
}

const TO_ESCAPE = /[\\\n"]/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }

/** A label's value as it stands between its quotes. */
export function escapeLabel(value: string): string {
  if (!TO_ESCAPE.test(value)) return value
  return value.replace(/[\\\n"]/g, (character) => ESCAPES[character] ?? character)
}
