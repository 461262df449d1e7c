import { describe, expect, it } from 'vitest'
import { createSimTime } from '../../kit/testing.ts'
import { parseSeriesLine } from '../promql/index.ts'
import type { Alert } from './alert.ts'
import { parseRuleFile } from './rule-file.ts'
import { RuleManager } from './rule-manager.ts'
import { ScriptedStorage } from './unit-test/scripted-storage.ts'

const MINUTE_MS = 60_000

/** Rules over series with a sample a minute, evaluated every minute from time 0 on. */
async function world(rules: string, series: readonly string[]) {
  const storage = new ScriptedStorage()
  for (const line of series) storage.load(parseSeriesLine(line), MINUTE_MS)
  const time = createSimTime()
  time.setWallClock(0)
  const told: string[] = []
  const start = () =>
    new RuleManager({
      intervalMs: MINUTE_MS,
      context: { externalUrl: 'http://monitor', externalLabels: {} },
      storage,
      clock: time.clock,
      timers: time.timers,
      onAlerts: (rule, alerts) => {
        for (const alert of alerts) told.push(`${rule.alert} ${alert.state}`)
      },
    })
  const manager = start()
  manager.replace(parseRuleFile(rules, 'rules.yml'))
  const evaluate = async (minutes: number, running = manager) => {
    for (let at = 0; at < minutes; at++) await time.advance(MINUTE_MS)
    return running.groups.flatMap((group) =>
      group.rules.flatMap((rule) => rule.alerts.map(describeAlert)),
    )
  }
  const value = (expression: string) => {
    const result = storage.recentQuery(expression, time.clock.now()).value
    return result.type === 'vector'
      ? result.series.map(({ labels, points }) => `${labels} ${points[0]?.[1]}`)
      : []
  }
  return { manager, start, evaluate, value, told, time }
}

function describeAlert({ labels, state, annotations }: Alert): string {
  return `${labels} ${state} ${JSON.stringify(annotations)}`
}

const group = (rules: string, fields = '') => `groups:\n- name: g\n${fields}  rules:\n${rules}`
const LAG = (fields: string) => group(`  - { alert: Lag, expr: lag > 10, ${fields} }`)

describe('an alert', () => {
  it('waits, fires, goes on firing, and is resolved', async () => {
    const { evaluate, value } = await world(LAG('for: 3m, keep_firing_for: 2m'), [
      'lag{group="a"} 0 20x5 0x20',
    ])
    const states = []
    for (let minute = 0; minute < 12; minute++)
      states.push((await evaluate(1))[0]?.match(/ (\w+) /)?.[1] ?? '-')
    expect(states.join(' ')).toBe(
      '- pending pending pending firing firing firing firing firing inactive inactive inactive',
    )
    expect(value('ALERTS')).toEqual([])
  })

  it('has the labels and annotations of its rule, filled in', async () => {
    const { evaluate, value } = await world(
      group(
        `  - alert: Lag
    expr: lag > 10
    labels: { severity: '{{ if gt $value 15.0 }}critical{{ else }}warning{{ end }}' }
    annotations: { summary: '{{ $labels.group }} is {{ $value }} behind', broken: '{{ .Nothing }}' }`,
        '  labels: { team: platform }\n',
      ),
      ['lag{group="a"} 20x9'],
    )
    expect(await evaluate(2)).toEqual([
      '{alertname="Lag", group="a", severity="critical", team="platform"} firing {"summary":"a is 20 behind","broken":"<error expanding template: can\'t evaluate field Nothing in {map[__name__:lag group:a] map[] http://monitor 20}>"}',
    ])
    expect(value('ALERTS{severity="critical"}')).toEqual([
      '{__name__="ALERTS", alertname="Lag", alertstate="firing", group="a", severity="critical", team="platform"} 1',
    ])
  })

  it('goes on waiting where it was before a restart', async () => {
    const { manager, start, evaluate, time } = await world(LAG('for: 30m'), [
      'lag{group="a"} 20x90',
    ])
    await evaluate(25)
    manager.stop()
    await time.advance(2 * MINUTE_MS)
    const again = start()
    again.replace(manager.groups.map(({ group: same }) => same))
    again.replace(parseRuleFile(LAG('for: 30m'), 'rules.yml'))
    expect((await evaluate(5, again))[0]).toContain('pending')
    expect((await evaluate(10, again))[0]).toContain('firing')
  })

  it('keeps its state when its file is read again, and ends when its rule is gone', async () => {
    const { manager, evaluate, value } = await world(LAG('for: 5m'), ['lag{group="a"} 20x90'])
    await evaluate(4)
    manager.replace(parseRuleFile(LAG('for: 5m'), 'rules.yml'))
    expect((await evaluate(2))[0]).toContain('firing')
    manager.replace(parseRuleFile(group('  - { record: r, expr: lag }'), 'rules.yml'))
    expect(value('ALERTS')).toEqual([])
  })

  it.each([
    [
      'more alerts than its limit',
      LAG('for: 0s').replace('rules:', 'limit: 1\n  rules:'),
      /exceeded limit of 1 with 2 alerts/,
    ],
    [
      'two alerts with the same labels',
      group('  - { alert: Lag, expr: lag > 10, labels: { group: x } }'),
      /same labelset after applying alert labels/,
    ],
    [
      'an expression that fails',
      group('  - { alert: Lag, expr: lag + on() lag }'),
      /many-to-many matching not allowed/,
    ],
  ])('with %s gives nothing, and its error', async (_, rules, error) => {
    const { manager, evaluate } = await world(rules, ['lag{group="a"} 20x9', 'lag{group="b"} 20x9'])
    expect(await evaluate(2)).toEqual([])
    expect(manager.groups[0]?.rules[0]?.health).toMatchObject({
      health: 'err',
      lastError: expect.stringMatching(error),
    })
  })
})

describe('a recording rule', () => {
  it('is seen by the rules behind it, and its series end with what they come from', async () => {
    const { evaluate, value } = await world(
      group(
        '  - { record: lag:max, expr: max(lag), labels: { level: job } }\n  - { record: lag:double, expr: lag:max * 2 }',
      ),
      ['lag{group="a"} 20 20 20 stale'],
    )
    await evaluate(2)
    expect(value('{__name__=~"lag:.*"}')).toEqual([
      '{__name__="lag:max", level="job"} 20',
      '{__name__="lag:double", level="job"} 40',
    ])
    await evaluate(3)
    expect(value('{__name__=~"lag:.*"}')).toEqual([])
  })

  it('that fails does not keep others from being evaluated', async () => {
    const { manager, evaluate, value } = await world(
      group('  - { record: bad, expr: lag * on() lag }\n  - { record: good, expr: count(lag) }'),
      ['lag{group="a"} 20x9', 'lag{group="b"} 20x9'],
    )
    await evaluate(2)
    expect(value('good')).toEqual(['{__name__="good"} 2'])
    expect(manager.groups[0]?.rules.map(({ health }) => health.health)).toEqual(['err', 'ok'])
  })

  it('that fails does not end what it gave before: nobody knows that it is over', async () => {
    const { manager, evaluate, value } = await world(
      group('  - { record: r, expr: lag * on() lag }'),
      ['lag{group="a"} 2x9', 'lag{group="b"} _ _ _ 2x9'],
    )
    await evaluate(4)
    expect(manager.groups[0]?.rules[0]?.health.health).toBe('err')
    expect(value('r')).toEqual(['{__name__="r"} 4'])
  })
})
