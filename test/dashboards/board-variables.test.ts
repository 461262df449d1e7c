import { expect, it } from 'vitest'
import type { BoardVariable } from './board-file.ts'
import { readBoard } from './board-file.ts'
import { chooseVariables, interpolate } from './board-variables.ts'
import { familiesOf, selectorsOf } from './families-of.ts'
import { faultsOfAlert } from './judge-rules.ts'
import type { AnsweredSeries, PrometheusApi } from './prometheus-api.ts'
import { outOfScope } from './scope.ts'

/** A server that has these answers, by expression, and none for others. */
function apiOf(answers: Readonly<Record<string, readonly AnsweredSeries[]>>): PrometheusApi {
  return {
    query: async (expression) => answers[expression] ?? [],
    labelValues: async (label, selector) => (selector === 'up' ? [`${label} b`, `${label} a`] : []),
    rules: async () => [],
    traceIds: async () => [],
  }
}

const series = (metric: Readonly<Record<string, string>>): AnsweredSeries => ({
  metric,
  value: [1, '1'],
})

const variable = (name: string, query: string, more: Partial<BoardVariable> = {}) => ({
  ...{ name, query, type: 'query', regex: '', includeAll: false, allValue: null },
  ...more,
})

it('reads panels of all generations, inside rows and out', () => {
  const panel = (title: string) => ({ title, targets: [{ expr: ' up ' }, { expr: '' }, {}] })
  const board = readBoard(
    JSON.stringify({
      title: 'Board',
      panels: [{ type: 'row', panels: [panel('inside')] }, { type: 'text' }, panel('outside')],
      rows: [{ panels: [panel('old')] }],
      templating: { list: [{ name: 'a', type: 'query', query: { query: 'label_values(up, a)' } }] },
    }),
  )
  expect(board.panels.map(({ title }) => title)).toEqual(['inside', 'outside', 'old'])
  expect(board.panels[0]?.expressions).toEqual(['up'])
  expect(board.variables).toEqual([variable('a', 'label_values(up, a)')])
})

it('chooses as Grafana does: the first, all that there are, or what stands for all', async () => {
  const api = apiOf({ 'info{job="job a"}': [series({ __name__: 'info', pod: 'x-1' })] })
  const { choices, fault } = await chooseVariables(
    [
      variable('job', 'label_values(up, job)'),
      variable('every', 'label_values(up, job)', { includeAll: true }),
      variable('any', 'label_values(up, job)', { includeAll: true, allValue: '.*' }),
      variable('prefix', 'query_result(info{job="$job"})', { regex: '/.*pod="([^-"]*).*/' }),
      variable('rest', 'query_result(info{job="$job"})', { regex: '/.*pod="$prefix-([^"]*).*/' }),
    ],
    api,
  )
  expect(fault).toBeNull()
  const text = `$job|$every|\${any:regex}|$prefix|$rest|$unknown|[$__rate_interval]`
  expect(interpolate(text, choices)).toBe('job a|(job a|job b)|.*|x|1|$unknown|[1m]')
})

it('says which variable has no values', async () => {
  const { fault } = await chooseVariables([variable('none', 'label_values(gone, job)')], apiOf({}))
  expect(fault).toBe('$none has no values: label_values(gone, job)')
})

it('finds what an expression reads', () => {
  const expr =
    'sum(rate(a_total{x="1"}[5m])) / on () group_left max_over_time(b[10m:1m]) or vector(0)'
  expect(familiesOf(expr)).toEqual(['a_total', 'b'])
  expect(selectorsOf('a{x=~"1|2"}')).toEqual([
    { family: 'a', labels: ['x', '__name__'], text: '{x=~"1|2",__name__="a"}' },
  ])
})

it.each<readonly [string, Readonly<Record<string, readonly AnsweredSeries[]>>, readonly string[]]>([
  ['there', { '{x="1",__name__="a"}': [series({})] }, []],
  ['not now', { a: [series({})], 'count(a{x!=""})': [series({})] }, []],
  ['a family that is not there', {}, ['there is no a']],
  ['a label that is not there', { a: [series({})] }, ['a has no label x']],
])('an alert on what is %s', async (_, answers, faults) => {
  expect(await faultsOfAlert('a{x="1"} > 0', apiOf(answers))).toEqual(faults)
})

it.each([
  [['jvm_memory_used_bytes'], 'JVM'],
  [['up', 'container_last_seen'], 'container runtime'],
  [['kafka_server_raftmetrics_current_state'], 'KRaft quorum'],
  [['kafka_server_brokertopicmetrics_bytesin_total'], null],
])('%j is out of scope: %s', (families, reason) => {
  expect(outOfScope(families)).toBe(reason)
})
