import { Labels } from './model/labels.ts'
import { parseNumber } from './syntax/literals.ts'
import { parseExpression } from './syntax/parse.ts'

/** What a script can load that the engine leaves out, by the name of the feature. */
export type LeftOutValue = 'native histograms' | 'start timestamps'

/** One value of a series in a script; a gap is no sample. */
export type NotedValue = number | 'gap' | 'stale' | LeftOutValue

/** A series as test scripts and promtool's rule tests write it: `name{label="value"} 1 2+3x4 _ stale`. */
export interface NotedSeries {
  readonly labels: Labels
  readonly values: readonly NotedValue[]
}

/** Throws when the line is not a series with its values. */
export function parseSeriesLine(line: string): NotedSeries {
  const end = endOfSelector(line)
  const labels = parseLabels(line.slice(0, end).trim())
  if (line.startsWith('@st', end)) return { labels, values: ['start timestamps'] }
  return { labels, values: parseValues(line.slice(end)) }
}

/** A name, labels in braces, or both; two braces begin a value. */
const SELECTOR =
  /^[A-Za-z_:]?[\w:]*\s*(?:\{(?!\{)(?:[^"'`}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\})?/

function endOfSelector(line: string): number {
  return SELECTOR.exec(line)?.[0].length ?? 0
}

function parseLabels(text: string): Labels {
  if (text === '' || text === '{}') return Labels.empty
  // A series without a name would be refused as a selector when all its labels are empty.
  const node = parseExpression(text)
  if (node.kind !== 'vector-selector') throw new Error(`no series: ${text}`)
  return Labels.from(node.matchers.map(({ name, value }): [string, string] => [name, value]))
}

export function parseValues(text: string): NotedValue[] {
  const tokens = text.match(/(?:\{\{.*?\}\}|[^\s{])+/g) ?? []
  return tokens.flatMap(parseToken)
}

/** A number, a gap or a marker, or a run: `a+bxn` and `a-bxn` go on n times from a, `axn` repeats it n times more. */
function parseToken(token: string): NotedValue[] {
  const repeated = /^(.*?)(?:x(\d+))?$/s.exec(token)
  const what = repeated?.[1] ?? token
  const times = repeated?.[2] === undefined ? null : Number(repeated[2])
  if (what.startsWith('{{'))
    return new Array<NotedValue>((times ?? 0) + 1).fill('native histograms')
  if (what === '_') return new Array<NotedValue>(times ?? 1).fill('gap')
  if (what === 'stale') return new Array<NotedValue>((times ?? 0) + 1).fill('stale')
  const series =
    /^([+-]?(?:[\d.]+(?:[eE][+-]?\d+)?|inf|nan))([+-](?:[\d.]+(?:[eE][+-]?\d+)?|inf|nan))?$/i.exec(
      what,
    )
  const first = series?.[1] === undefined ? null : parseNumber(series[1])
  const step = series?.[2] === undefined ? 0 : parseNumber(series[2])
  if (first === null || step === null) throw new Error(`no value of a series: ${token}`)
  return Array.from({ length: (times ?? 0) + 1 }, (_, at) => (at === 0 ? first : first + at * step))
}
