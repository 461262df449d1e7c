import { parse as parseYaml } from 'yaml'
import { parseDuration } from '../../promql/index.ts'

export interface ExpectedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface AlertTest {
  readonly atMs: number
  readonly alert: string
  readonly expected: readonly ExpectedAlert[]
}

export interface ExpressionTest {
  readonly atMs: number
  readonly expression: string
  /** `{labels} value` of each series. */
  readonly expected: readonly { readonly labels: string; readonly value: number }[]
}

export interface RuleTest {
  readonly name: string
  readonly stepMs: number
  readonly series: readonly { readonly series: string; readonly values: string }[]
  readonly alerts: readonly AlertTest[]
  readonly expressions: readonly ExpressionTest[]
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
}

export interface RuleTestFile {
  readonly ruleFiles: readonly string[]
  readonly intervalMs: number
  /** Names of groups in the order in which they are evaluated; those that are left out come last. */
  readonly groupOrder: readonly string[]
  readonly tests: readonly RuleTest[]
}

/** A test file is not one; the message says where. */
export class RuleTestFileError extends Error {
  override readonly name: string = 'RuleTestFileError'
}

const DEFAULT_INTERVAL_MS = 60_000

/** Reads promtool's format (docs/configuration/unit_testing_rules.md in Prometheus' sources). @throws RuleTestFileError */
export function parseRuleTestFile(text: string): RuleTestFile {
  const root = new Fields(readYaml(text), 'the file')
  const file = {
    ruleFiles: root.list('rule_files').map((one) => String(one)),
    intervalMs: root.duration('evaluation_interval') ?? DEFAULT_INTERVAL_MS,
    groupOrder: root.list('group_eval_order').map((one) => String(one)),
    tests: root.list('tests').map((one, at) => readTest(new Fields(one, `tests[${at}]`), at)),
  }
  root.ignore('fuzzy_compare')
  root.refuseOthers()
  return file
}

function readTest(fields: Fields, at: number): RuleTest {
  const test = {
    name: fields.text('name') || `test ${at + 1}`,
    stepMs: fields.duration('interval') ?? DEFAULT_INTERVAL_MS,
    series: fields.list('input_series').map((one, index) => {
      const series = new Fields(one, `${fields.where}.input_series[${index}]`)
      const read = { series: series.text('series'), values: series.text('values') }
      series.refuseOthers()
      return read
    }),
    alerts: fields
      .list('alert_rule_test')
      .map((one, index) =>
        readAlertTest(new Fields(one, `${fields.where}.alert_rule_test[${index}]`)),
      ),
    expressions: fields
      .list('promql_expr_test')
      .map((one, index) =>
        readExpressionTest(new Fields(one, `${fields.where}.promql_expr_test[${index}]`)),
      ),
    externalLabels: fields.texts('external_labels'),
    externalUrl: fields.text('external_url'),
  }
  fields.refuseOthers()
  return test
}

function readAlertTest(fields: Fields): AlertTest {
  const test = {
    atMs: fields.duration('eval_time') ?? 0,
    alert: fields.text('alertname'),
    expected: fields.list('exp_alerts').map((one, at) => {
      const alert = new Fields(one, `${fields.where}.exp_alerts[${at}]`)
      const read = {
        labels: alert.texts('exp_labels'),
        annotations: alert.texts('exp_annotations'),
      }
      alert.refuseOthers()
      return read
    }),
  }
  if (test.alert === '') throw new RuleTestFileError(`${fields.where}: alertname is missing`)
  fields.refuseOthers()
  return test
}

function readExpressionTest(fields: Fields): ExpressionTest {
  const test = {
    atMs: fields.duration('eval_time') ?? 0,
    expression: fields.text('expr'),
    expected: fields.list('exp_samples').map((one, at) => {
      const sample = new Fields(one, `${fields.where}.exp_samples[${at}]`)
      const read = { labels: sample.text('labels'), value: sample.number('value') }
      sample.refuseOthers()
      return read
    }),
  }
  fields.refuseOthers()
  return test
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 100 })
  } catch (error) {
    throw new RuleTestFileError(error instanceof Error ? error.message : String(error))
  }
}

/** The fields of a map that a file has; says where one is that does not fit. */
class Fields {
  readonly where: string
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #known = new Set<string>()

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new RuleTestFileError(`${where} must be a map`)
    }
    this.#fields = value as Readonly<Record<string, unknown>>
    this.where = where
  }

  ignore(name: string): void {
    this.#known.add(name)
  }

  text(name: string): string {
    const value = this.#get(name)
    if (value === undefined || value === null) return ''
    if (typeof value === 'object') throw new RuleTestFileError(`${this.where}.${name} must be text`)
    return String(value)
  }

  number(name: string): number {
    const text = this.text(name)
    const number = Number(text.replace(/^([+-]?)inf$/i, '$1Infinity'))
    if (text === '' || (Number.isNaN(number) && !/^nan$/i.test(text))) {
      throw new RuleTestFileError(`${this.where}.${name} must be a number`)
    }
    return number
  }

  duration(name: string): number | null {
    const text = this.text(name)
    if (text === '') return null
    const durationMs = text === '0' ? 0 : parseDuration(text)
    if (durationMs === null)
      throw new RuleTestFileError(`${this.where}.${name} is no duration: ${text}`)
    return durationMs
  }

  list(name: string): readonly unknown[] {
    const value = this.#get(name) ?? []
    if (!Array.isArray(value)) throw new RuleTestFileError(`${this.where}.${name} must be a list`)
    return value
  }

  texts(name: string): Record<string, string> {
    const value = this.#get(name) ?? {}
    const fields = new Fields(value, `${this.where}.${name}`)
    return Object.fromEntries(Object.keys(value).map((key) => [key, fields.text(key)]))
  }

  refuseOthers(): void {
    const other = Object.keys(this.#fields).find((name) => !this.#known.has(name))
    if (other !== undefined)
      throw new RuleTestFileError(`${this.where} has a field that nothing reads: ${other}`)
  }

  #get(name: string): unknown {
    this.#known.add(name)
    return this.#fields[name]
  }
}
