import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  runCommand,
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** monitor-rule-files, monitor-evaluation-interval-ms and monitor-external-url, and `glasslog rules`. */

const RULES = `
groups:
- name: broker
  rules:
  - { record: 'partitions:all', expr: sum(glasslog_partitions) }
  - alert: HasPartitions
    expr: partitions:all > 0
    annotations: { see: '{{ externalURL }}/x' }
`

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let rules: string

beforeAll(async () => {
  directory = await temporaryDirectory()
  rules = join(directory.path, 'rules.yml')
  await writeFile(rules, RULES)
  broker = await startBrokerProcess(directory.path)
  monitor = await startMonitorProcess(directory.path, [
    ...['--monitor-scrape-interval-ms', '200', '--monitor-evaluation-interval-ms', '200'],
    ...[
      '--monitor-default-rules',
      'false',
      '--monitor-rule-files',
      rules,
      '--monitor-external-url',
      'https://monitor.example',
    ],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  await directory?.remove()
})

async function data(path: string): Promise<object> {
  const token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  const answer = await fetch(`${monitor.url}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return ((await answer.json()) as { data: object }).data
}

const ruleNames = async () =>
  ((await data('rules')) as { groups: { rules: { name: string }[] }[] }).groups.flatMap((group) =>
    group.rules.map(({ name }) => name),
  )

describe('rules of the monitor', () => {
  it('record and alert over what was scraped', async () => {
    await vi.waitFor(
      async () =>
        expect(await data('alerts')).toMatchObject({
          alerts: [
            {
              state: 'firing',
              labels: { alertname: 'HasPartitions' },
              annotations: { see: 'https://monitor.example/x' },
            },
          ],
        }),
      10_000,
    )
    expect(await data('rules')).toMatchObject({
      groups: [
        {
          name: 'broker',
          interval: 0.2,
          rules: [
            { type: 'recording', health: 'ok' },
            { type: 'alerting', state: 'firing' },
          ],
        },
      ],
    })
  })

  it('are read again when their file changes, unless it has faults', async () => {
    await writeFile(rules, RULES.replace('HasPartitions', 'Renamed'))
    await vi.waitFor(async () => expect(await ruleNames()).toContain('Renamed'), 15_000)
    await writeFile(rules, RULES.replace('sum(', 'sum(('))
    await vi.waitFor(() => expect(monitor.stderr()).toContain('the old ones stay in force'), 15_000)
    expect(await ruleNames()).toContain('Renamed')
  }, 40_000)

  it('keep the monitor from starting when they have faults', async () => {
    const wrong = join(directory.path, 'wrong.yml')
    await writeFile(wrong, 'groups:\n- name: g\n  rules:\n  - { record: a }\n')
    const run = await runCommand(
      'monitor',
      '--data-dir',
      join(directory.path, 'other'),
      '--console-port',
      '0',
      '--monitor-rule-files',
      wrong,
    )
    expect(run).toMatchObject({
      code: 78,
      stderr: expect.stringContaining(`${wrong}:4:5: field 'expr' must be set in rule`),
    })
  })
})

describe('glasslog rules', () => {
  it('checks files', async () => {
    const good = join(directory.path, 'good.yml')
    await writeFile(good, RULES)
    expect(await runCommand('rules', 'check', good)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('SUCCESS: 2 rules found'),
    })
    expect(await runCommand('rules', 'check', join(directory.path, 'wrong.yml'))).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAILED:\n.*wrong\.yml:4:5/),
    })
    expect((await runCommand('rules', 'guess')).code).toBe(64)
  })

  it('runs tests', async () => {
    const tests = join(directory.path, 'tests.yml')
    const text = `rule_files: [good.yml]
tests:
- input_series: [ { series: glasslog_partitions, values: 1+1x5 } ]
  promql_expr_test: [ { expr: 'partitions:all', eval_time: 2m, exp_samples: [ { labels: 'partitions:all', value: 3 } ] } ]
`
    await writeFile(tests, text)
    expect(await runCommand('rules', 'test', tests)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('SUCCESS'),
    })
    await writeFile(tests, text.replace('value: 3', 'value: 4'))
    expect(await runCommand('rules', 'test', tests)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('partitions:all'),
    })
  })
})
