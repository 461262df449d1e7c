import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace'
import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom, silentLogger, systemTimers } from '../../kit/index.ts'
import type { CompressionType, RecordInput } from '../../protocol/index.ts'
import {
  encodeBatch,
  FetchRequest,
  FetchResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  ProduceRequest,
  ProduceResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'
import { OtelSpans } from './otel-spans.ts'
import { Tracing } from './tracing.ts'

/** Requests and records as OpenTelemetry's own SDK has them, with nothing but the network left out. */

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

/** `glasslog.tracing.sample.ratio` and `glasslog.tracing.record.lookups.per.second`. */
interface Config {
  readonly ratio?: number
  readonly lookups?: number
}

let broker: TestBroker
let client: RawClient
let tracing: Tracing
let exporter: InMemorySpanExporter

afterEach(() => broker.stop())

async function start({ ratio = 0, lookups = 1000 }: Config = {}): Promise<void> {
  exporter = new InMemorySpanExporter()
  const spans = new OtelSpans({
    ...{ target: { exporter }, resource: { 'service.name': 'glasslog' } },
    ...{ timers: systemTimers, logger: silentLogger },
  })
  // Stopping the SDK would empty the exporter, and what was there is what is asked for.
  exporter.shutdown = async () => {}
  broker = await startTestBroker({
    tracing({ clock }) {
      const settings = {
        glasslogTracingSampleRatio: ratio,
        glasslogTracingRecordLookupsPerSecond: lookups,
      }
      tracing = new Tracing({ spans, settings, clock, random: seededRandom(4) })
      return tracing
    },
  })
  client = await broker.connect()
  await broker.createTopic('orders')
}

/** All spans that have ended, once there are no more to come. */
async function spansByName(): Promise<Readonly<Record<string, ReadableSpan>>> {
  while (broker.server.stats.requestsInFlight > 0) await turn()
  await turn()
  await tracing.stop()
  return Object.fromEntries(exporter.getFinishedSpans().map((span) => [span.name, span]))
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

function traced(flags = '01', span = PARENT): RecordInput {
  const traceparent = `00-${TRACE}-${span}-${flags}`
  return {
    ...{ timestampMs: 1, key: null, value: Buffer.from('v') },
    headers: [
      { key: 'other', value: Buffer.from('x') },
      { key: 'traceparent', value: Buffer.from(traceparent) },
      { key: 'tracestate', value: Buffer.from('vendor=1') },
    ],
  }
}

const plain: RecordInput = { timestampMs: 1, key: null, value: Buffer.from('v') }

function produce(records: readonly RecordInput[], compression: CompressionType = 'none') {
  const partitionData = [{ index: 0, records: encodeBatch(records, { compression }) }]
  return client.send(ProduceRequest, ProduceResponse, 9, {
    ...{ acks: -1, timeoutMs: 1000, topicData: [{ name: 'orders', partitionData }] },
  })
}

function fetchFrom(fetchOffset: number, partitionMaxBytes = 1_000_000) {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes }]
  return client.send(FetchRequest, FetchResponse, 12, {
    ...{ maxWaitMs: 0, minBytes: 1, topics: [{ topic: 'orders', partitions }] },
    forgottenTopicsData: [],
  })
}

function commit(groupId: string, committedOffset: number) {
  const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }]
  return client.send(OffsetCommitRequest, OffsetCommitResponse, 8, {
    ...{ groupId, generationIdOrMemberEpoch: -1, memberId: '' },
    topics: [{ name: 'orders', partitions }],
  })
}

const traceOf = (span: ReadableSpan | undefined) => span?.spanContext().traceId
const parentOf = (span: ReadableSpan | undefined) => span?.parentSpanContext?.spanId
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId

describe('a record that its producer traces', () => {
  it('is one trace from produce over append and fetch to commit', async () => {
    await start()
    await produce([plain, traced()])
    await fetchFrom(0)
    await commit('readers', 2)
    const spans = await spansByName()
    const { Produce, Fetch, OffsetCommit } = spans
    const [append, fetch, settle] = [
      spans['append orders'],
      spans['fetch orders'],
      spans['commit orders'],
    ]
    for (const span of [Produce, append, Fetch, fetch, OffsetCommit, settle]) {
      expect(traceOf(span)).toBe(TRACE)
    }
    expect(parentOf(Produce)).toBe(PARENT)
    expect(parentOf(append)).toBe(idOf(Produce))
    expect([parentOf(Fetch), parentOf(OffsetCommit)]).toEqual([idOf(append), idOf(append)])
    expect([parentOf(fetch), parentOf(settle)]).toEqual([idOf(Fetch), idOf(OffsetCommit)])
    expect(Produce?.spanContext().traceState?.serialize()).toBe('vendor=1')
    expect(append?.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'append',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 1,
      'messaging.batch.message_count': 2,
    })
    expect(fetch?.attributes).toMatchObject({ 'messaging.operation.type': 'receive' })
    expect(settle?.attributes).toMatchObject({
      'messaging.operation.type': 'settle',
      'messaging.consumer.group.name': 'readers',
    })
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'is found in a batch of %s',
    async (codec) => {
      await start()
      await produce([traced()], codec)
      expect(traceOf((await spansByName())['append orders'])).toBe(TRACE)
    },
  )

  it('is not followed when its producer does not record the trace, or nobody may look', async () => {
    await start()
    await produce([traced('00')])
    tracing.configure({
      ...{ glasslogTracingSampleRatio: 0, glasslogTracingRecordLookupsPerSecond: 0 },
    })
    await produce([traced()])
    await fetchFrom(0)
    expect(await spansByName()).toEqual({})
  })

  it('is looked for in so many batches a second', async () => {
    await start({ lookups: 2 })
    for (let count = 0; count < 5; count++) await produce([traced()])
    expect(tracing.records).toBe(2)
    await broker.time.advance(1000)
    await produce([traced()])
    expect(tracing.records).toBe(3)
  })

  it('is told by fetches and commits that cover it, and by no others', async () => {
    await start()
    await produce([plain])
    await produce([traced()])
    // What is behind it, and what has no room for it.
    await fetchFrom(2)
    await fetchFrom(0, 1)
    await commit('readers', 1)
    expect([...tracing.requests]).toEqual([['Produce', 1]])
    await commit('readers', 2)
    await commit('readers', 2)
    expect(tracing.requests.get('OffsetCommit')).toBe(1)
  })

  it('is linked with the request when that is traced by itself', async () => {
    await start({ ratio: 1 })
    await produce([traced()])
    const { Produce, ...others } = await spansByName()
    const append = others['append orders']
    expect(traceOf(Produce)).not.toBe(TRACE)
    expect([traceOf(append), parentOf(append)]).toEqual([TRACE, PARENT])
    expect(append?.links.map(({ context }) => context.spanId)).toEqual([idOf(Produce)])
  })

  it('makes nothing of records that are broken', async () => {
    await start()
    const batch = encodeBatch([traced()], {})
    // A header count that its record has no room for; the checksum is of the broken bytes.
    const at = batch.indexOf('other') - 2
    batch[at] = 0x7e
    expect(tracing.contextIn(batch, 5)).toBeNull()
    expect(tracing.contextIn(batch.subarray(0, 40), 5)).toBeNull()
  })
})

describe('a request that is traced by itself', () => {
  it('has a span with its stages inside, and an id for exemplars', async () => {
    await start({ ratio: 1 })
    await produce([plain])
    const { Produce, ...stages } = await spansByName()
    expect(parentOf(Produce)).toBeUndefined()
    expect(Produce?.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'glasslog.api.version': 9,
      'glasslog.listener': 'PLAINTEXT',
      'network.peer.address': '127.0.0.1',
    })
    // Simulated time stands still but where the journal takes some.
    for (const stage of Object.values(stages)) expect(parentOf(stage)).toBe(idOf(Produce))
    expect(tracing.requests.get('Produce')).toBe(1)
    expect(tracing.spanCounts.exported).toBeGreaterThan(0)
    const [exemplar] = [...(broker.server.stats.apis.get(0)?.exemplars.all() ?? [])]
    expect(exemplar?.traceId).toBe(traceOf(Produce))
  })

  it('tells how long it waited', async () => {
    await start({ ratio: 1 })
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }]
    const answer = client.send(FetchRequest, FetchResponse, 12, {
      ...{ maxWaitMs: 700, minBytes: 1, topics: [{ topic: 'orders', partitions }] },
      forgottenTopicsData: [],
    })
    while (broker.server.stats.apis.get(1)?.queue.count !== 1) await turn()
    await broker.time.settle()
    await broker.time.advance(700)
    await answer
    const { Fetch, wait } = await spansByName()
    expect(wait?.duration).toEqual([0, 700_000_000])
    expect(parentOf(wait)).toBe(idOf(Fetch))
  })
})
