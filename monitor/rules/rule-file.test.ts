import { describe, expect, it } from 'vitest'
import { parseRuleFile, RuleFileError } from './rule-file.ts'

const GOOD = `
groups:
  - name: lag
    interval: 30s
    limit: 10
    query_offset: 1m
    labels: { team: platform }
    rules:
      - record: group:lag:max
        expr: max by (consumergroup) (kafka_consumergroup_lag)
        labels: { level: 1 }
      - alert: LagHigh
        expr: group:lag:max > 100
        for: 5m
        keep_firing_for: 1h
        labels: { severity: critical }
        annotations:
          summary: '{{ $labels.consumergroup }} is {{ $value | humanize }} behind'
`

function faults(text: string): string[] {
  try {
    parseRuleFile(text, 'rules.yml')
  } catch (error) {
    if (error instanceof RuleFileError) return error.message.split('\n')
    throw error
  }
  return []
}

describe('a rule file', () => {
  it('is read whole', () => {
    expect(parseRuleFile(GOOD, 'rules.yml')).toEqual([
      {
        name: 'lag',
        file: 'rules.yml',
        intervalMs: 30_000,
        limit: 10,
        queryOffsetMs: 60_000,
        labels: { team: 'platform' },
        rules: [
          {
            kind: 'recording',
            record: 'group:lag:max',
            expression: 'max by (consumergroup) (kafka_consumergroup_lag)',
            labels: { level: '1' },
          },
          {
            kind: 'alerting',
            alert: 'LagHigh',
            expression: 'group:lag:max > 100',
            forMs: 300_000,
            keepFiringForMs: 3_600_000,
            labels: { severity: 'critical' },
            annotations: {
              summary: '{{ $labels.consumergroup }} is {{ $value | humanize }} behind',
            },
          },
        ],
      },
    ])
  })

  it.each(['0', '0s', '0m'])('has the interval of the evaluator where it says %s', (interval) => {
    const [group] = parseRuleFile(`groups: [{ name: g, interval: ${interval} }]`, 'rules.yml')
    expect(group?.intervalMs).toBe(null)
  })

  it('may be empty', () => {
    expect(parseRuleFile('', 'rules.yml')).toEqual([])
    expect(parseRuleFile('groups: []', 'rules.yml')).toEqual([])
  })

  const rule = (fields: string) => `groups:\n- name: g\n  rules:\n  - ${fields}`
  it.each([
    ['groups: [', /^rules.yml:1:\d+: /],
    ['rules: []', 'rules.yml:1:1: field rules is not one of a rule file: groups'],
    [rule('{ expr: up }'), 'rules.yml:4:5: one of record and alert must be set'],
    [
      rule('{ record: a, alert: b, expr: up }'),
      'rules.yml:4:5: one of record and alert must be set',
    ],
    [rule('{ record: a }'), "rules.yml:4:5: field 'expr' must be set in rule"],
    [
      rule('{ record: a, expr: "sum(" }'),
      'rules.yml:4:24: could not parse expression: 1:5: parse error: unexpected end of input',
    ],
    [rule('{ record: a b, expr: up }'), 'rules.yml:4:15: invalid recording rule name: a b'],
    [
      rule('{ record: a, expr: up, for: 1m }'),
      "rules.yml:4:5: invalid field 'for' in recording rule",
    ],
    [
      rule('{ alert: a, expr: up, for: soon }'),
      'rules.yml:4:32: not a valid duration string: "soon"',
    ],
    [rule('{ alert: a, expr: up, labels: { 1x: y } }'), 'rules.yml:4:37: invalid label name: 1x'],
    [
      rule('{ alert: a, expr: up, labels: { __name__: y } }'),
      'rules.yml:4:37: invalid label name: __name__',
    ],
    [
      rule('{ alert: a, expr: up, annotations: { s: "{{ nope }}" } }'),
      'rules.yml:4:40: the template of annotations s: function "nope" not defined',
    ],
    [
      rule('{ alert: a, expr: up, severity: x }'),
      /^rules.yml:4:27: field severity is not one of a rule: record, alert/,
    ],
    [
      rule('{ record: a, expr: up }\n  - { record: a, expr: up }'),
      'rules.yml:5:5: rule is repeated: a',
    ],
    ['groups:\n- name: g\n- name: g', 'rules.yml:3:3: groupname is repeated: g'],
    ['groups:\n- rules: []', 'rules.yml:2:3: groupname must not be empty'],
    ['groups:\n- name: g\n  limit: -1', 'rules.yml:3:10: limit must be a whole number'],
  ])('%j has a fault', (text, fault) => {
    expect(faults(text)).toEqual([typeof fault === 'string' ? fault : expect.stringMatching(fault)])
  })

  it('tells all its faults at once', () => {
    expect(faults(rule('{ record: a b, expr: "sum(", for: x }'))).toHaveLength(3)
  })
})
