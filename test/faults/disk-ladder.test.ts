import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { encodeBatch, ProduceRequest, ProduceResponse } from '../../protocol/index.ts'
import type { BrokerProcess, MonitorProcess } from '../support/broker-process.ts'
import { startBrokerProcess, startMonitorProcess } from '../support/broker-process.ts'
import type { RawClient } from '../support/client.ts'
import { connectRaw } from '../support/client.ts'
import { pause } from './kill/broker-clients.ts'

/**
 * The whole ladder on a real file system that is too small: a tmpfs that the driver webhook really makes larger, up to
 * a ceiling; then the hard floor, at which records are refused and everything else goes on; then shorter retention,
 * and records are taken again. All of it under load.
 */

const MIB = 1024 ** 2
const WAIT = { timeout: 60_000, interval: 200 }
const START_MIB = 1_000
const CEILING_MIB = 1_200
const NOT_ENOUGH_SPACE = 56 // KAFKA_STORAGE_ERROR, which clients try again
const BATCH_BYTES = 900 * 1024

/** Why the test cannot run here; null when it can. */
function obstacle(): string | null {
  if (process.platform !== 'linux') return 'tmpfs is a file system of Linux'
  if (process.getuid?.() !== 0) return 'mounting needs root'
  const directory = mkdtempSync(join(tmpdir(), 'glasslog-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' })
    execFileSync('umount', [directory], { stdio: 'ignore' })
    return null
  } catch {
    return 'this machine lets nobody mount'
  } finally {
    rmdirSync(directory)
  }
}

const reason = obstacle()

interface Disk {
  readonly usage: { usedBytes: number; volumeBytes: number; refusesRecords: boolean } | null
  readonly decision: { kind: string; by?: string } | null
  readonly actions: readonly { kind: string; state: string; recorded: string; to: number }[]
}

describe.skipIf(reason !== null)(`a disk that fills (${reason ?? 'on a tmpfs'})`, () => {
  const directory = reason === null ? mkdtempSync(join(tmpdir(), 'glasslog-ladder-')) : ''
  let broker: BrokerProcess
  let monitor: MonitorProcess
  let cloud: Server
  let client: RawClient
  let token: string
  const granted: number[] = []

  const mount = (sizeMib: number, ...options: string[]) =>
    execFileSync('mount', [
      ...['-t', 'tmpfs', '-o', [...options, `size=${sizeMib}m`].join(','), 'tmpfs', directory],
    ])

  beforeAll(async () => {
    mount(START_MIB)
    cloud = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (piece: string) => {
        body += piece
      })
      request.on('end', () => {
        const { wantedBytes } = JSON.parse(body) as { wantedBytes: number }
        granted.push(wantedBytes)
        mount(Math.ceil(wantedBytes / MIB), 'remount')
        response.writeHead(202).end('granted')
      })
    })
    await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve))
    const { port } = cloud.address() as AddressInfo
    broker = await startBrokerProcess(directory, {
      args: ['--override', 'log.retention.check.interval.ms=1000'],
    })
    token = (await readFile(join(directory, 'root.token'), 'utf8')).trim()
    monitor = await startMonitorProcess(directory, [
      ...['--monitor-disk-check-interval-ms', '500'],
      ...['--monitor-disk-webhook-url', `http://127.0.0.1:${port}/`],
      ...['--monitor-disk-webhook-secret', 'hush'],
    ])
    client = await connectRaw(broker.kafka.port)
  }, 60_000)

  afterAll(async () => {
    await client?.close()
    await monitor?.end('SIGKILL')
    await broker?.end('SIGKILL')
    cloud?.close()
    execFileSync('umount', [directory])
    rmdirSync(directory)
  }, 30_000)

  async function ask<Answer>(url: string, method = 'GET', body?: object): Promise<Answer> {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    expect(response.ok, `${method} ${url}: ${response.status} ${text}`).toBe(true)
    return (text === '' ? null : JSON.parse(text)) as Answer
  }

  const disk = () => ask<Disk>(`${monitor.url}/v1/disk`)
  const setPolicy = (policy: object) =>
    ask(`${broker.adminUrl}/v1/disk-policy`, 'PUT', {
      ...{ thresholdPercent: 30, cooldownMs: 10_000, capacityGranularityBytes: MIB, ...policy },
    })

  /** One batch, with records of two minutes ago; answers the error code. */
  async function produce(topic: string): Promise<number> {
    const value = Buffer.alloc(BATCH_BYTES, 'x')
    const records = encodeBatch([{ timestampMs: Date.now() - 120_000, key: null, value }])
    const answer = await client.send(ProduceRequest, ProduceResponse, 9, {
      ...{ transactionalId: null, acks: -1, timeoutMs: 10_000 },
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    })
    return answer.responses[0]?.partitionResponses[0]?.errorCode ?? -1
  }

  /** Produces, some 15 MB a second, until `done` holds; answers the error codes other than none. */
  async function load(topic: string, done: () => Promise<boolean>): Promise<number[]> {
    const errors: number[] = []
    for (let batch = 0; batch < 2_000; batch++) {
      const code = await produce(topic)
      if (code !== 0) errors.push(code)
      // A disk that fills within the cooldown of a step cannot be helped by steps.
      await pause(50)
      if (batch % 10 === 9 && (await done())) return errors
    }
    throw new Error('the load came to its end before the disk did what was expected')
  }

  it('expands, up to the ceiling, while producers go on', async () => {
    const configs = {
      ...{ 'retention.ms': '600000', 'segment.bytes': String(16 * MIB) },
      'message.timestamp.type': 'CreateTime',
    }
    await ask(`${broker.adminUrl}/v1/topics`, 'POST', { name: 'load', partitions: 1, configs })
    await setPolicy({
      ...{ mode: 'expansion', driver: 'webhook', capacityCeilingBytes: CEILING_MIB * MIB },
    })
    const errors = await load('load', async () => (await disk()).decision?.by === 'ceiling')
    expect(errors).toEqual([])
    const { actions, usage } = await disk()
    const expansions = actions.filter(({ kind }) => kind === 'expand')
    expect(expansions).toHaveLength(2)
    expect(
      expansions.every(({ state, recorded }) => state === 'done' && recorded === 'outcome'),
    ).toBe(true)
    expect(granted).toEqual([1_100 * MIB, CEILING_MIB * MIB])
    expect(usage?.volumeBytes).toBe(CEILING_MIB * MIB)
  }, 120_000)

  it('refuses records at the floor, while everything else goes on', async () => {
    const errors = await load('load', async () => (await disk()).usage?.refusesRecords === true)
    errors.push(
      await vi.waitFor(async () => {
        const code = await produce('load')
        expect(code).not.toBe(0)
        return code
      }, WAIT),
    )
    expect(new Set(errors)).toEqual(new Set([NOT_ENOUGH_SPACE]))
    // A control operation needs a record in the history, which still has room.
    const configs = { 'retention.bytes': '1000' }
    await ask(`${broker.adminUrl}/v1/topics`, 'POST', { name: 'other', partitions: 1, configs })
    await ask(`${broker.adminUrl}/v1/topics/other`, 'DELETE')
    const alerts = await ask<{ labels: Record<string, string> }[]>(`${monitor.url}/api/v2/alerts`)
    expect(alerts.map(({ labels }) => labels.obstacle)).toContain('ceiling')
  }, 120_000)

  it('keeps records for a shorter time, and takes new ones again', async () => {
    await setPolicy({ mode: 'retention', stepPercent: 50, retentionFloorMs: 60_000 })
    const before = (await disk()).usage?.usedBytes ?? 0
    // Two steps of half of it: records of two minutes ago are kept for a minute by then.
    await vi.waitFor(async () => {
      const { configs, effectiveRetentionMs } = await ask<{
        configs: Record<string, string>
        effectiveRetentionMs: number
      }>(`${broker.adminUrl}/v1/topics/load`)
      expect(configs['retention.ms']).toBe('600000')
      expect(effectiveRetentionMs).toBe(60_000)
    }, WAIT)
    await vi.waitFor(async () => {
      const { usage, actions } = await disk()
      expect(usage?.usedBytes).toBeLessThan(before - 100 * MIB)
      expect(actions.slice(0, 2).map(({ kind }) => kind)).toContain('shorten-retention')
      expect(actions.every(({ recorded }) => recorded === 'outcome')).toBe(true)
    }, WAIT)
    await vi.waitFor(async () => expect(await produce('load')).toBe(0), WAIT)
    expect((await disk()).usage?.refusesRecords).toBe(false)
  }, 240_000)
})
