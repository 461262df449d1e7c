import type { Clock } from '../../../kit/index.ts'
import { systemClock } from '../../../kit/index.ts'
import type { Labels } from '../../promql/index.ts'
import {
  EvaluationError,
  ParseError,
  parseSeriesLine,
  UnsupportedFeatureError,
} from '../../promql/index.ts'
import { EvaluatedGroup } from '../evaluated-group.ts'
import type { RuleGroup } from '../rule-file.ts'
import { ScriptedStorage } from './scripted-storage.ts'
import type { AlertTest, ExpressionTest, RuleTest, RuleTestFile } from './test-file.ts'

/** Relative; sums of doubles come out a little different in another order. */
const TOLERANCE = 1e-9

/** Runs the tests of a file over its rules; answers a sentence for each expectation that was not met. */
export async function runRuleTests(
  file: RuleTestFile,
  groups: readonly RuleGroup[],
  clock: Clock = systemClock,
): Promise<string[]> {
  const order = (group: RuleGroup) => {
    const at = file.groupOrder.indexOf(group.name)
    return at < 0 ? file.groupOrder.length : at
  }
  const ordered = [...groups].sort((a, b) => order(a) - order(b))
  const failures: string[] = []
  for (const test of file.tests) {
    for (const failure of await runTest(test, file.intervalMs, ordered, clock))
      failures.push(`${test.name}: ${failure}`)
  }
  return failures
}

async function runTest(
  test: RuleTest,
  intervalMs: number,
  groups: readonly RuleGroup[],
  clock: Clock,
): Promise<string[]> {
  const storage = new ScriptedStorage()
  for (const { series, values } of test.series) {
    try {
      storage.load(parseSeriesLine(`${series} ${values}`), test.stepMs)
    } catch (error) {
      return [`input_series ${series}: ${error instanceof Error ? error.message : String(error)}`]
    }
  }
  const context = { externalUrl: test.externalUrl, externalLabels: test.externalLabels }
  const evaluated = groups.map(
    (group) => new EvaluatedGroup(group, intervalMs, storage, context, clock),
  )
  const failures: string[] = []
  const lastMs = Math.max(0, ...[...test.alerts, ...test.expressions].map(({ atMs }) => atMs))
  for (let nowMs = 0; nowMs <= lastMs; nowMs += intervalMs) {
    for (const group of evaluated) {
      await group.evaluate(nowMs)
      failures.push(...failuresOf(group))
    }
    // What is asked for between two evaluations is as the first of them left it.
    const due = ({ atMs }: { atMs: number }) => atMs >= nowMs && atMs < nowMs + intervalMs
    failures.push(...test.alerts.filter(due).flatMap((one) => compareAlerts(one, evaluated)))
    failures.push(...test.expressions.filter(due).flatMap((one) => compareExpression(one, storage)))
  }
  return [...new Set(failures)]
}

function failuresOf(group: EvaluatedGroup): string[] {
  return group.rules.flatMap(({ rule, health }) =>
    health.lastError === null
      ? []
      : [`${rule.kind === 'recording' ? rule.record : rule.alert}: ${health.lastError}`],
  )
}

function compareAlerts(test: AlertTest, groups: readonly EvaluatedGroup[]): string[] {
  const firing = groups
    .flatMap((group) => group.rules)
    .filter(({ rule }) => rule.kind === 'alerting' && rule.alert === test.alert)
    .flatMap(({ alerts }) => alerts.filter(({ state }) => state === 'firing'))
    .map(({ labels, annotations }) => describeAlert(labels.toRecord(), annotations))
  const expected = test.expected.map(({ labels, annotations }) =>
    describeAlert({ ...labels, alertname: test.alert }, annotations),
  )
  return difference(`alertname: ${test.alert}, time: ${test.atMs / 1000} s`, expected, firing)
}

function describeAlert(
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): string {
  return `${sorted(labels)} ${sorted(annotations)}`
}

function sorted(texts: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))),
  )
}

function compareExpression(test: ExpressionTest, storage: ScriptedStorage): string[] {
  const where = `expr: ${test.expression}, time: ${test.atMs / 1000} s`
  try {
    const { value } = storage.recentQuery(test.expression, test.atMs)
    const found: { labels: Labels | null; value: number }[] =
      value.type === 'scalar'
        ? [{ labels: null, value: value.point[1] }]
        : value.type === 'vector'
          ? value.series.map(({ labels, points }) => ({
              labels,
              value: points[0]?.[1] ?? Number.NaN,
            }))
          : []
    const expected = test.expected.map((one) => ({
      ...one,
      key: parseSeriesLine(one.labels).labels.toString(),
    }))
    const told = found.map((one) => {
      const key = one.labels?.toString() ?? '{}'
      const wanted = expected.find((other) => other.key === key)
      return `${key} ${wanted !== undefined && isClose(one.value, wanted.value) ? wanted.value : one.value}`
    })
    return difference(
      where,
      expected.map(({ key, value: number }) => `${key} ${number}`),
      told,
    )
  } catch (error) {
    if (
      !(
        error instanceof EvaluationError ||
        error instanceof ParseError ||
        error instanceof UnsupportedFeatureError
      )
    )
      throw error
    return [`${where}: ${error.message}`]
  }
}

function difference(
  where: string,
  expected: readonly string[],
  found: readonly string[],
): string[] {
  const [wanted, got] = [[...expected].sort(), [...found].sort()]
  if (wanted.join('\n') === got.join('\n')) return []
  const list = (lines: readonly string[]) =>
    lines.length === 0 ? ' nothing' : lines.map((line) => `\n      ${line}`).join('')
  return [`${where}\n    expected:${list(wanted)}\n    got:${list(got)}`]
}

function isClose(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b)
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b))
}
