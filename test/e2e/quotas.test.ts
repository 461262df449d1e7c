import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeBatch, ProduceRequest, ProduceResponse } from '../../protocol/index.ts'
import type { BrokerProcess } from '../support/broker-process.ts'
import { startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'
import type { RawClient } from '../support/client.ts'
import { connectRaw } from '../support/client.ts'
import { record } from '../support/produce.ts'

/** A real broker, with quotas set over HTTP and obeyed by whoever is connected already. */

const KIB = 1024

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let broker: BrokerProcess
let root: string
let client: RawClient

beforeAll(async () => {
  directory = await temporaryDirectory()
  broker = await startBrokerProcess(directory.path)
  root = (await readFile(join(directory.path, 'root.token'), 'utf8')).trim()
  client = await connectRaw(broker.kafka.port, { clientId: 'app' })
  await ask('POST', '/v1/topics', { name: 'orders', partitions: 1 })
}, 30_000)

afterAll(async () => {
  await client?.close()
  await broker?.end('SIGKILL')
  await directory?.remove()
})

async function ask(method: string, path: string, body?: object): Promise<string> {
  const response = await fetch(`${broker.adminUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${root}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  expect([path, response.status < 300, text]).toEqual([path, true, text])
  return text
}

async function produce(sizeBytes: number) {
  const records = encodeBatch([record('x'.repeat(sizeBytes))])
  const { throttleTimeMs } = await client.send(ProduceRequest, ProduceResponse, 9, {
    ...{ acks: -1, timeoutMs: 1000 },
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
  })
  return throttleTimeMs
}

describe('quotas of a running broker', () => {
  it('hold a connection that was there before, and let it go when they are removed', async () => {
    expect(await produce(200 * KIB)).toBe(0)
    await ask('PUT', '/v1/quotas', {
      entity: { clientId: 'app' },
      limits: { producer_byte_rate: 10 * KIB },
    })
    expect(await produce(1000 * KIB)).toBeGreaterThan(90_000)
    // It would be held for a minute and a half; the test ends long before.
    const next = produce(1 * KIB)
    await ask('DELETE', '/v1/quotas?clientId=app')
    expect(await next).toBe(0)
  })

  it('are counted and logged', async () => {
    const metrics = await ask('GET', '/metrics')
    const labels = 'quota="producer_byte_rate",entity="ANONYMOUS"'
    expect(metrics).toContain(`glasslog_quota_throttled_total{${labels}} 1`)
    const series = 'kafka_server_quota_byte_rate{resource="Produce",user="",clientId="app"}'
    expect(metrics).toContain(`\n${series} `)
    const lines = broker.stderr().split('\n')
    expect(lines.find((line) => line.includes('"event":"quota-throttled"'))).toContain('ANONYMOUS')
  })

  it('hold whoever produces to a throttled topic', async () => {
    await ask('PUT', '/v1/topics/orders/quota', {
      ...{ producerByteRate: 10 * KIB, consumerByteRate: null },
    })
    expect(await produce(100 * KIB)).toBeGreaterThan(8_000)
    const next = produce(1 * KIB)
    await ask('PUT', '/v1/topics/orders/quota', { producerByteRate: null, consumerByteRate: null })
    expect(await next).toBe(0)
  })
})
