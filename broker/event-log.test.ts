import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  openRealDisk,
  silentLogger,
  systemClock,
  systemRandom,
  systemTimers,
} from '../kit/index.ts'
import {
  batchesIn,
  decodeRecords,
  FetchRequest,
  FetchResponse,
  ListOffsetsRequest,
  ListOffsetsResponse,
} from '../protocol/index.ts'
import { connectRaw } from '../test/support/client.ts'
import type { Broker } from './broker.ts'
import { startBroker } from './broker.ts'
import type { EventRecord } from './events/index.ts'
import { decodeEvent } from './events/index.ts'
import { inlineJournalDevice } from './log/index.ts'

/** `__events` of a whole broker, read as any client of Kafka reads it. */

let directory: string
let broker: Broker | undefined
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'glasslog-events-'))
})
afterEach(() => broker?.stop())
afterAll(() => rm(directory, { recursive: true }))

async function start(): Promise<Broker> {
  const disk = openRealDisk()
  broker = await startBroker(
    {
      ...{ dataDirectory: directory, host: '127.0.0.1', kafkaPort: 0, adminPort: 0 },
      ...{ adminTlsKeystore: null, adminHostnames: [], rack: null, secretsKey: null },
      ...{ advertised: { host: null, port: null }, insecure: false, overrides: {} },
      limits: { journalFileBytes: 1024 * 1024, journalMaxFiles: 3, minFreeBytes: 0 },
      onFailure: () => {},
    },
    {
      ...{ disk, journalDevice: inlineJournalDevice(disk), clock: systemClock },
      ...{ timers: systemTimers, random: systemRandom, logger: silentLogger },
    },
  )
  return broker
}

/** A client asks until there is no more: one answer may end where the segments do. */
async function eventsOf({ kafka }: Broker): Promise<readonly EventRecord[]> {
  const client = await connectRaw(kafka.port)
  const events: EventRecord[] = []
  let isEnd = false
  while (!isEnd) {
    const partition = { partition: 0, fetchOffset: events.length, partitionMaxBytes: 1_000_000 }
    const { responses } = await client.send(FetchRequest, FetchResponse, 12, {
      ...{ maxWaitMs: 0, minBytes: 0, forgottenTopicsData: [] },
      topics: [{ topic: '__events', partitions: [partition] }],
    })
    const records = responses[0]?.partitions[0]?.records ?? Buffer.alloc(0)
    isEnd = records.length === 0
    for (const batch of batchesIn(records)) {
      for (const { value } of decodeRecords(Buffer.from(batch))) {
        const event = decodeEvent(value)
        if (event) events.push(event)
      }
    }
  }
  await client.close()
  return events
}

const kindsOf = (events: readonly EventRecord[]): readonly string[] =>
  events.map(({ kind }) => kind)

it('has what the broker did, over restarts (broker-started, broker-stopping)', async () => {
  const first = await start()
  await expect.poll(async () => kindsOf(await eventsOf(first))).toEqual(['broker-started'])
  await first.stop()
  const second = await start()
  await expect
    .poll(async () => kindsOf(await eventsOf(second)))
    .toEqual(['broker-started', 'broker-stopping', 'broker-started'])
  const [started] = await eventsOf(second)
  expect(started).toMatchObject({
    ...{ schema: 1, severity: 'info', resource: { kind: 'broker', name: '' }, count: 1 },
    facts: { leaderEpoch: expect.any(Number) },
  })
})

it('is listed with its end, as any topic', async () => {
  const { kafka } = await start()
  const client = await connectRaw(kafka.port)
  const { topics } = await client.send(ListOffsetsRequest, ListOffsetsResponse, 7, {
    ...{ replicaId: -1, isolationLevel: 0 },
    topics: [{ name: '__events', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  })
  await client.close()
  expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, offset: expect.any(Number) })
})
