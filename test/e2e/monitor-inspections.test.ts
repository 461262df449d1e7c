import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  runCommand,
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** The monitor looks by itself: lag, probe, inspections with tickets; and the commands that ask it. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let headers: Record<string, string>

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  const token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const configs = { 'glasslog.durability': 'os' }
  await fetch(`${broker.adminUrl}/v1/topics`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ name: 'hasty', partitions: 1, configs }) },
  })
  monitor = await startMonitorProcess(directory.path, [
    ...['--monitor-scrape-interval-ms', '200', '--monitor-lag-interval-ms', '200'],
    ...['--monitor-probe-interval-ms', '200', '--monitor-probe-topic', 'probed'],
    ...['--monitor-inspection-schedule', '* * * * * *'],
    ...['--monitor-inspection-tickets', 'important', '--monitor-default-rules', 'false'],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  await directory?.remove()
})

async function get<Answer>(path: string): Promise<Answer> {
  return (await (await fetch(`${monitor.url}${path}`, { headers })).json()) as Answer
}

const inspect = (...args: string[]) => runCommand('inspect', '--data-dir', directory.path, ...args)

describe('a monitor', () => {
  it('finds what is wrong by its schedule, and opens a ticket about it', async () => {
    await vi.waitFor(
      async () => {
        const { findings } = await get<{ findings: { id: string; check: string }[] }>(
          '/v1/inspections?severity=important',
        )
        const found = findings.find(({ check }) => check === 'relaxed-durability')
        expect(found).toBeDefined()
        const { tickets } = await get<{ tickets: { source: object }[] }>('/v1/tickets')
        expect(tickets.map(({ source }) => source)).toContainEqual({
          ...{ kind: 'finding', id: found?.id },
        })
      },
      { timeout: 20_000, interval: 200 },
    )
  }, 25_000)

  it('sends a probe through a topic of its own, and follows the lag of groups', async () => {
    await vi.waitFor(
      async () => {
        const text = await (await fetch(`${monitor.url}/metrics`, { headers })).text()
        expect(text).toContain('\nglasslog_probe_up 1\n')
        const { groups } = await get<{ groups: object[] }>('/v1/lag?topic=probed')
        expect(groups).toMatchObject([
          {
            group: expect.stringMatching(/^__glasslog_probe-[0-9a-f]{8}$/),
            status: 'OK',
            members: 1,
          },
        ])
      },
      { timeout: 20_000, interval: 200 },
    )
  }, 25_000)

  it('says in its log what Node.js warns of: every line is JSON', () => {
    for (const line of monitor.stderr().trim().split('\n').filter(Boolean))
      expect(() => JSON.parse(line)).not.toThrow()
  })
})

describe('glasslog inspect', () => {
  it('prints findings and exits with 10, with 0 where there are none of that severity', async () => {
    const { code, stdout } = await inspect()
    expect(code).toBe(10)
    expect(stdout).toMatch(/^(Healthy|Alarm|Abnormal)/)
    expect(stdout).toContain('A topic can lose acknowledged records: topic hasty')
    expect(await inspect('--severity', 'critical')).toMatchObject({ code: 0 })
  }, 30_000)

  it('carries a remedy out once it is told to', async () => {
    const { stdout } = await inspect('--json')
    const { findings } = JSON.parse(stdout) as { findings: { id: string; check: string }[] }
    const id = findings.find(({ check }) => check === 'relaxed-durability')?.id ?? ''
    const tried = await inspect('--remedy', id)
    expect(JSON.parse(tried.stdout)).toMatchObject({ dryRun: true, seq: null })
    const applied = await inspect('--remedy', id, '--apply')
    expect(JSON.parse(applied.stdout)).toMatchObject({ dryRun: false, seq: expect.any(Number) })
    expect((await inspect()).stdout).not.toContain('topic hasty')
  }, 40_000)

  it('cannot run without a monitor, and sends no token to who is in its place', async () => {
    const empty = await temporaryDirectory()
    const failed = await runCommand('inspect', '--data-dir', empty.path)
    await empty.remove()
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('no monitor runs') })
    expect(await inspect('--sevrity', 'critical')).toMatchObject({ code: 64 })
  }, 30_000)
})

describe('glasslog diagnose', () => {
  it('tells causes, or that nothing unusual is seen', async () => {
    const ask = (...words: string[]) =>
      runCommand('diagnose', ...words, '--data-dir', directory.path)
    expect(await ask('topic', 'probed')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/./),
    })
    expect(await ask('topic', 'nothing')).toMatchObject({ code: 1 })
    expect(await ask('nonsense')).toMatchObject({ code: 64 })
  }, 30_000)
})
