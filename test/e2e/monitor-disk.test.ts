import { readFile } from 'node:fs/promises'
import type { IncomingMessage, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** monitor-disk-check-interval-ms, monitor-disk-webhook-url, monitor-disk-webhook-secret: a disk that is looked after. */

const MIB = 1024 ** 2
const WAIT = { timeout: 20_000, interval: 100 }

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let cloud: Server
let token: string
const asked: { headers: IncomingMessage['headers']; body: { wantedBytes: number } }[] = []

interface Disk {
  readonly usage: { usedBytes: number; usedPercent: number; limitBytes: number | null } | null
  readonly policy: { mode: string } | null
  readonly decision: { kind: string; by?: string } | null
  readonly actions: readonly {
    id: string
    state: string
    recorded: string
    from: number
    to: number
    driver: string
    detail: string
  }[]
}

beforeAll(async () => {
  directory = await temporaryDirectory()
  cloud = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece
    })
    request.on('end', () => {
      asked.push({ headers: request.headers, body: JSON.parse(body) as { wantedBytes: number } })
      response.writeHead(403).end('the budget is used up')
    })
  })
  await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve))
  broker = await startBrokerProcess(directory.path)
  token = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  const { port } = cloud.address() as AddressInfo
  monitor = await startMonitorProcess(directory.path, [
    ...['--monitor-disk-check-interval-ms', '200'],
    ...['--monitor-disk-webhook-url', `http://127.0.0.1:${port}/grow`],
    ...['--monitor-disk-webhook-secret', 'hush'],
  ])
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  cloud?.close()
  await directory?.remove()
})

async function ask<Answer>(url: string, method = 'GET', body?: object): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text) as Answer
}

const lookedAt = () => ask<Disk>(`${monitor.url}/v1/disk`)

async function historyOf(id: string) {
  const query = new URLSearchParams({ limit: '1000' })
  const { records } = await ask<{
    records: { operation: string; resource: { name: string }; seq: number; causes?: number[] }[]
  }>(`${broker.adminUrl}/v1/audit?${query}`)
  return records
    .filter(({ resource }) => resource.name === id)
    .sort((a, b) => a.seq - b.seq)
    .map(({ operation }) => operation)
}

describe('a disk that is looked after', () => {
  it('is expanded by its policy: in the history, among the alerts, at /v1/disk', async () => {
    // The journal alone is more than a tenth of what is left to the broker.
    const { usedBytes, floorBytes } = await ask<{ usedBytes: number; floorBytes: number }>(
      `${broker.adminUrl}/v1/disk-capacity`,
    )
    const capacityBytes = usedBytes + floorBytes + 16 * MIB
    await ask(`${broker.adminUrl}/v1/disk-capacity`, 'PUT', { capacityBytes })
    await vi.waitFor(async () => {
      expect((await lookedAt()).usage).toMatchObject({ limitBytes: capacityBytes })
    }, WAIT)
    const policy = {
      ...{ mode: 'expansion', thresholdPercent: 10, stepPercent: 50, cooldownMs: 600_000 },
      capacityGranularityBytes: MIB,
    }
    await ask(`${broker.adminUrl}/v1/disk-policy`, 'PUT', policy)
    const disk = await vi.waitFor(async () => {
      const found = await lookedAt()
      expect(found.actions).toMatchObject([{ state: 'done', recorded: 'outcome' }])
      return found
    }, WAIT)
    const [action] = disk.actions
    expect(action).toMatchObject({ kind: 'expand', driver: 'capacity', from: capacityBytes })
    expect(disk.usage?.limitBytes).toBe(action?.to)
    expect(await historyOf(action?.id ?? '')).toEqual(['disk.action.begin', 'disk.action.end'])
    const alerts = await ask<{ labels: Record<string, string> }[]>(`${monitor.url}/api/v2/alerts`)
    expect(alerts.map(({ labels }) => labels.alertname)).toContain('DiskExpanded')
    const page = await (await fetch(`${monitor.url}/metrics`)).text()
    expect(page).toMatch(/^glasslog_monitor_disk_used_bytes \d/m)
  }, 60_000)

  it('is not expanded when who is asked says no, and people hear of that', async () => {
    const before = (await lookedAt()).actions.length
    // The cooldown of the step before is over with the shorter one.
    const policy = {
      ...{ mode: 'expansion', driver: 'webhook', thresholdPercent: 10, cooldownMs: 10_000 },
      capacityGranularityBytes: MIB,
    }
    const { usedBytes, floorBytes } = await ask<{ usedBytes: number; floorBytes: number }>(
      `${broker.adminUrl}/v1/disk-capacity`,
    )
    const capacityBytes = usedBytes + floorBytes + 16 * MIB
    await ask(`${broker.adminUrl}/v1/disk-capacity`, 'PUT', { capacityBytes })
    await ask(`${broker.adminUrl}/v1/disk-policy`, 'PUT', policy)
    const action = await vi.waitFor(async () => {
      const { actions } = await lookedAt()
      expect(actions.length).toBeGreaterThan(before)
      expect(actions[0]).toMatchObject({ state: 'failed', recorded: 'outcome' })
      return actions[0]
    }, WAIT)
    expect(action?.detail).toBe('HTTP 403: the budget is used up')
    expect(asked[0]?.headers['x-glasslog-signature']).toMatch(/^v1=[0-9a-f]{64}$/)
    expect(asked[0]?.body.wantedBytes).toBe(action?.to)
    expect(await historyOf(action?.id ?? '')).toEqual(['disk.action.begin', 'disk.action.end'])
    const alerts = await ask<{ labels: Record<string, string> }[]>(`${monitor.url}/api/v2/alerts`)
    expect(alerts.map(({ labels }) => labels.alertname)).toContain('DiskActionFailed')
  }, 60_000)
})
