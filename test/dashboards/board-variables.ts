import type { BoardVariable } from './board-file.ts'
import type { AnsweredSeries, PrometheusApi } from './prometheus-api.ts'

/** What a variable is replaced with in an expression. */
export type Choices = ReadonlyMap<string, string>

/** What Grafana puts in by itself; the window is what it is for a board over an hour, scraped each 15 s. */
const BUILT_IN: readonly (readonly [string, string])[] = [
  ['__rate_interval', '1m'],
  ['__interval', '15s'],
  ['__range', '1h'],
]

/** What was chosen, and why not everything: a board with a variable that has no values stays empty. */
export interface Chosen {
  readonly choices: Choices
  readonly fault: string | null
}

/** Chooses a value for each variable as Grafana does when somebody opens the board: "All" where it is offered, else the first. */
export async function chooseVariables(
  variables: readonly BoardVariable[],
  api: PrometheusApi,
): Promise<Chosen> {
  const choices = new Map(BUILT_IN)
  for (const variable of variables) {
    if (variable.type !== 'query') continue
    const values = await valuesOf(variable, choices, api)
    const [first] = values
    if (first === undefined) {
      return { choices, fault: `$${variable.name} has no values: ${variable.query}` }
    }
    choices.set(variable.name, variable.includeAll ? allOf(variable, values) : first)
  }
  return { choices, fault: null }
}

/** `$name`, `${name}` and `${name:format}` replaced. */
export function interpolate(text: string, choices: Choices): string {
  return text.replace(
    /\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g,
    (whole, braced: string | undefined, bare: string | undefined) =>
      choices.get(braced ?? bare ?? '') ?? whole,
  )
}

function allOf({ allValue }: BoardVariable, values: readonly string[]): string {
  return (
    allValue ?? (values.length === 1 ? (values[0] ?? '') : `(${values.map(escaped).join('|')})`)
  )
}

function escaped(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\\\$&')
}

async function valuesOf(
  variable: BoardVariable,
  choices: Choices,
  api: PrometheusApi,
): Promise<readonly string[]> {
  const query = interpolate(variable.query, choices)
  const regex = regexOf(interpolate(variable.regex, choices))
  const raw = await rawValues(query, api)
  const cut = raw.flatMap((value) => {
    if (regex === null) return [value]
    const match = regex.exec(value)
    return match === null ? [] : [match[1] ?? match[0]]
  })
  return [...new Set(cut)].sort()
}

async function rawValues(query: string, api: PrometheusApi): Promise<readonly string[]> {
  const labelled = /^label_values\(\s*(?:(.+),\s*)?(\w+)\s*\)$/s.exec(query)
  if (labelled !== null) return api.labelValues(labelled[2] ?? '', labelled[1] ?? null)
  const result = /^query_result\((.+)\)$/s.exec(query)
  if (result !== null) return (await api.query(result[1] ?? '')).map(asText)
  throw new Error(`this check does not know the variable query ${query}`)
}

/** As Grafana writes a series for the regular expressions of variables. */
function asText({ metric, value }: AnsweredSeries): string {
  const { __name__: name = '', ...labels } = metric
  const list = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
  return `${name}{${list.join(',')}} ${value[1]} ${value[0] * 1000}`
}

function regexOf(text: string): RegExp | null {
  if (text === '') return null
  const slashed = /^\/(.*)\/([a-z]*)$/s.exec(text)
  return slashed === null ? new RegExp(`^(?:${text})$`) : new RegExp(slashed[1] ?? '', slashed[2])
}
