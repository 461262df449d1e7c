import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import {
  startBrokerProcess,
  startMonitorProcess,
  temporaryDirectory,
} from '../support/broker-process.ts'

/** What people do at the monitor is in the broker's history, also what they did while the broker was away. */

const WAIT = { timeout: 20_000, interval: 100 }

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let monitor: MonitorProcess
let rootToken: string

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  rootToken = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  monitor = await startMonitorProcess(directory.path)
}, 30_000)

afterAll(async () => {
  await monitor?.end('SIGKILL')
  await broker?.end('SIGKILL')
  await directory?.remove()
})

function ask(url: string, token: string, method = 'GET', body?: object): Promise<Response> {
  return fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function tokenOf(account: string): Promise<string> {
  const roles = ['operator']
  await ask(`${broker.adminUrl}/v1/accounts`, rootToken, 'POST', { name: account, roles })
  const body = { account, label: 'test' }
  const made = await ask(`${broker.adminUrl}/v1/tokens`, rootToken, 'POST', body)
  return ((await made.json()) as { token: string }).token
}

function silence(comment: string): object {
  return {
    matchers: [{ name: 'alertname', value: 'Lag', isRegex: false, isEqual: true }],
    startsAt: new Date(Date.now() - 1_000).toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'test',
    comment,
  }
}

interface HistoryRecord {
  readonly operation: string
  readonly occurredAt: string
  readonly recordedAt: string
  readonly actor: { readonly onBehalfOf?: string }
  readonly resource: { readonly name: string }
}

async function recordsOf(operation: string): Promise<HistoryRecord[]> {
  const url = `${broker.adminUrl}/v1/audit?operation=${operation}&limit=1000`
  const { records } = (await (await ask(url, rootToken)).json()) as { records: HistoryRecord[] }
  return records
}

describe('the history of the broker', () => {
  it('has what is done at the monitor at once, and who did it', async () => {
    const kim = await tokenOf('kim')
    const made = await ask(`${monitor.url}/api/v2/silences`, kim, 'POST', silence('first'))
    const { silenceID } = (await made.json()) as { silenceID: string }
    await vi.waitFor(async () => {
      expect(await recordsOf('silence.create')).toMatchObject([
        { resource: { name: silenceID }, actor: { onBehalfOf: 'User:kim' } },
      ])
    }, WAIT)
  }, 60_000)

  it('has what was done while the broker was away once it is back, though the monitor was killed too', async () => {
    const lee = await tokenOf('lee')
    expect((await ask(`${monitor.url}/v1/tickets`, lee)).status).toBe(200)
    await broker.end('SIGKILL')
    // Those whom the broker let in last are let in still, and so is who has the root token of this machine.
    const opened = await ask(`${monitor.url}/v1/tickets`, lee, 'POST', { title: 'broker is down' })
    expect(opened.status, await opened.clone().text()).toBe(200)
    const { id } = (await opened.json()) as { id: string }
    const change = { comment: 'on it', assignee: 'lee' }
    expect((await ask(`${monitor.url}/v1/tickets/${id}`, lee, 'PATCH', change)).status).toBe(200)
    const quiet = await ask(`${monitor.url}/api/v2/silences`, rootToken, 'POST', silence('second'))
    expect(quiet.status).toBe(200)
    expect((await ask(`${monitor.url}/v1/tickets`, 'wrong')).status).toBe(401)
    await monitor.end('SIGKILL')
    const killedAtMs = Date.now()
    monitor = await startMonitorProcess(directory.path)
    broker = await startBrokerProcess(directory.path)
    await vi.waitFor(async () => {
      expect(await recordsOf('ticket.create')).toHaveLength(1)
      expect(await recordsOf('ticket.update')).toHaveLength(1)
      expect(await recordsOf('silence.create')).toHaveLength(2)
    }, WAIT)
    const [created] = await recordsOf('ticket.create')
    expect(created).toMatchObject({ resource: { name: id }, actor: { onBehalfOf: 'User:lee' } })
    expect(Date.parse(created?.occurredAt ?? '')).toBeLessThan(killedAtMs)
    expect(Date.parse(created?.recordedAt ?? '')).toBeGreaterThan(killedAtMs)
  }, 90_000)

  it('is never changed by rules or the disk policy while the broker is away: they are refused', async () => {
    await broker.end('SIGKILL')
    const policy = { mode: 'off' }
    for (const path of ['/v1/disk-policy', '/v1/rules/own']) {
      const answer = await ask(`${monitor.url}${path}`, rootToken, 'PUT', policy)
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
    }
    broker = await startBrokerProcess(directory.path)
    expect(await recordsOf('retention-policy.alter')).toEqual([])
  }, 60_000)
})
