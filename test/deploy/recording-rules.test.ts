import { expect, it } from 'vitest'
import { RECORDING_RULES } from '../../dashboards/index.ts'
import { openRealDisk } from '../../kit/index.ts'
import { parseRuleTestFile, readRuleFiles, runRuleTests } from '../../monitor/index.ts'

const RATIO = 'instance:glasslog_response_errors:ratio_rate5m'
const REQUESTS = `
          - series: 'glasslog_request_duration_seconds_count{instance="a",api="Fetch"}'
            values: '0+100x40'
          - series: 'glasslog_request_failures_total{instance="a",api="Fetch"}'
            values: '0x40'`
const ERRORS = `
          - series: 'glasslog_response_errors_total{instance="a",api="Fetch",error="X"}'
            values: '0+10x40'`

it.each([
  ['no error was ever answered', REQUESTS, 0],
  ['a tenth was', REQUESTS + ERRORS, 0.1],
])('the share of errors is a number when %s', async (_, series, value) => {
  const tests = parseRuleTestFile(`
    rule_files: [${RECORDING_RULES}]
    evaluation_interval: 15s
    tests:
      - interval: 15s
        input_series:${series}
        promql_expr_test:
          - expr: ${RATIO}
            eval_time: 8m
            exp_samples:
              - labels: '${RATIO}{instance="a"}'
                value: ${value}
`)
  const rules = await readRuleFiles(openRealDisk(), [RECORDING_RULES])
  expect(await runRuleTests(tests, rules)).toEqual([])
})
