import { describe, expect, it } from 'vitest'
import { parseRuleFile } from '../rule-file.ts'
import { runRuleTests } from './run-rule-tests.ts'
import { parseRuleTestFile, RuleTestFileError } from './test-file.ts'

const RULES = `
groups:
- name: up
  rules:
  - { record: 'job:up:sum', expr: sum by (job) (up) }
  - alert: Down
    expr: up == 0
    for: 5m
    labels: { severity: page }
    annotations: { summary: '{{ $labels.instance }} is down' }
`

const TESTS = `
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series:
  - { series: 'up{job="a", instance="1"}', values: '0x14' }
  - { series: 'up{job="a", instance="2"}', values: '1+0x6 0x7' }
  alert_rule_test:
  - { eval_time: 4m, alertname: Down }
  - eval_time: 10m
    alertname: Down
    exp_alerts:
    - exp_labels: { severity: page, job: a, instance: '1' }
      exp_annotations: { summary: 1 is down }
  promql_expr_test:
  - { expr: 'job:up:sum', eval_time: 3m, exp_samples: [ { labels: 'job:up:sum{job="a"}', value: 1 } ] }
`

const run = (tests: string) =>
  runRuleTests(parseRuleTestFile(tests), parseRuleFile(RULES, 'rules.yml'))

describe('a test of rules', () => {
  it('passes when all is as expected', async () => {
    expect(await run(TESTS)).toEqual([])
  })

  it.each([
    [
      'eval_time: 4m',
      'eval_time: 6m',
      /alertname: Down, time: 360 s\n {4}expected: nothing\n {4}got:\n.*"instance":"1"/,
    ],
    ['severity: page', 'severity: mail', /expected:\n.*mail.*\n {4}got:\n.*page/],
    ['summary: 1 is', 'summary: 2 is', /2 is down/],
    [
      'value: 1 }',
      'value: 2 }',
      /expr: job:up:sum, time: 180 s\n {4}expected:\n.* 2\n {4}got:\n.* 1/,
    ],
    ["expr: 'job:up:sum'", "expr: 'sum('", /parse error/],
  ])('fails with %s as %s', async (from, to, failure) => {
    expect(await run(TESTS.replace(from, to))).toEqual([expect.stringMatching(failure)])
  })

  it.each([
    ['tests: {}', 'the file.tests must be a list'],
    ['evaluation_interval: soon', 'the file.evaluation_interval is no duration: soon'],
    ['tests: [ { alert_rules: [] } ]', 'tests[0] has a field that nothing reads: alert_rules'],
    ['tests: [ { alert_rule_test: [ {} ] } ]', 'tests[0].alert_rule_test[0]: alertname is missing'],
  ])('%s is refused', (text, message) => {
    expect(() => parseRuleTestFile(text)).toThrow(new RuleTestFileError(message))
  })
})
