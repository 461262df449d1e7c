import { beforeEach, describe, expect, it } from 'vitest'
import { seededRandom, ZERO_UUID } from '../../kit/index.ts'
import type { SimTime } from '../../kit/testing.ts'
import { createSimTime } from '../../kit/testing.ts'
import type { CompressionType, ErrorName } from '../../protocol/index.ts'
import { COMPRESSION_TYPES, compress, compressionTypeId } from '../../protocol/index.ts'
import { MAX_CLIENT_INSTANCES } from './client-instances.ts'
import type { Push, TelemetryClient } from './client-metrics.ts'
import { ClientMetrics } from './client-metrics.ts'
import { REPORTED_METRICS } from './reports/reported-metrics.ts'
import { decodeMetricsData, encodeMetricsData, testClient } from './testing.ts'

/** KIP-714 as a broker lives through it: who is asked what, who may push when, what is refused. */

/** `telemetry.max.bytes`. */
const MAX_BYTES = 10_000
const INTERVAL_MS = 5_000
const LATENCY = 'org.apache.kafka.producer.node.request.latency.avg'
const PUSHED = encodeMetricsData([{ name: LATENCY, value: 12 }])

type Sets = Record<string, Readonly<Record<string, string>>>

let time: SimTime
let metrics: ClientMetrics
let forwarded: Buffer[]
const state = { clientMetrics: new Map<string, Readonly<Record<string, string>>>() }
let seq = 0
/** Live, as the control plane's is. */
const liveState = {
  get clientMetrics() {
    return state.clientMetrics
  },
  get clientMetricsSeq() {
    return seq
  },
}

/** The configurations by `interval.ms`, `match` and `metrics` are what is under test here. */
function subscribeTo(sets: Sets): void {
  state.clientMetrics = new Map(Object.entries(sets))
  seq++
  metrics?.follow()
}

beforeEach(() => {
  time = createSimTime()
  forwarded = []
  subscribeTo({ all: { metrics: '*', 'interval.ms': String(INTERVAL_MS) } })
  metrics = new ClientMetrics({
    ...{ state: liveState, maxBytes: () => MAX_BYTES, maxClientIds: () => 2 },
    ...{ brokerId: 7, forward: (metricsData) => void forwarded.push(metricsData) },
    ...{ ...time, random: seededRandom(7) },
  })
})

function asks(client: TelemetryClient, id = ZERO_UUID) {
  const answer = metrics.subscribe(id, client)
  if (answer.error !== 'NONE') throw new Error(`refused: ${answer.error}`)
  return answer
}

const refusalOf = (client: TelemetryClient, id: string) => metrics.subscribe(id, client).error

function pushes(
  { clientInstanceId, subscriptionId }: { clientInstanceId: string; subscriptionId: number },
  client: TelemetryClient,
  push: Partial<Push> = {},
): ErrorName {
  return metrics.push(
    {
      ...{ clientInstanceId, subscriptionId, isTerminating: false, compressionType: 0 },
      ...{ metrics: PUSHED, ...push },
    },
    client,
  )
}

/** What /metrics would say of one client. */
function reported(clientId: string, family: string): number | undefined {
  const index = REPORTED_METRICS.findIndex((one) => one.family === family)
  for (const series of metrics.reports.all()) {
    if (series.clientId === clientId) return series.valueOf(index)
  }
  return undefined
}

describe('what a client is asked', () => {
  it('is given an id and told everything the first time', () => {
    const client = testClient('app')
    const answer = asks(client)
    expect(answer).toMatchObject({
      ...{ pushIntervalMs: INTERVAL_MS, maxBytes: MAX_BYTES, metrics: ['*'] },
    })
    expect(answer.clientInstanceId).not.toBe(ZERO_UUID)
    expect(asks(testClient('app')).clientInstanceId).not.toBe(answer.clientInstanceId)
  })

  it('has nothing to push where no subscription is about it, and asks again in five minutes', () => {
    subscribeTo({ some: { metrics: 'a.', match: 'client_id=other' } })
    expect(asks(testClient('app'))).toMatchObject({ metrics: [], pushIntervalMs: 300_000 })
  })

  it('is asked for all that its subscriptions want, as often as the most impatient', () => {
    subscribeTo({
      one: { metrics: 'b.,a.', 'interval.ms': '9000', match: 'client_id=app-.*' },
      two: { metrics: 'a.,c.', 'interval.ms': '700', match: 'client_software_name=librdkafka' },
      three: { metrics: 'd.', 'interval.ms': '100', match: 'client_id=app' },
    })
    const client = testClient('app-1', 'librdkafka')
    expect(asks(client)).toMatchObject({ metrics: ['a.', 'b.', 'c.'], pushIntervalMs: 700 })
  })

  it.each([
    ['client_id=a.*', true],
    ['client_id=pp', false],
    ['client_software_version=4[.]1[.].*, client_source_address=10[.]0[.].*', true],
    ['client_software_version=4[.]1[.].*, client_source_address=11[.]0[.].*', false],
    ['client_source_port=50007', true],
    ['client_instance_id=.+', true],
  ])('the pattern %s is about it: %s', (match, isMeant) => {
    subscribeTo({ one: { metrics: '*', match } })
    expect(asks(testClient('app')).metrics).toEqual(isMeant ? ['*'] : [])
  })

  it('has another subscription id when it is asked for something else, or is another', () => {
    const client = testClient('app')
    const first = asks(client)
    const other = asks(testClient('app'))
    expect(other.subscriptionId).not.toBe(first.subscriptionId)
    subscribeTo({ all: { metrics: '*', 'interval.ms': '6000' } })
    const changed = asks(client, first.clientInstanceId)
    expect(changed.subscriptionId).not.toBe(first.subscriptionId)
    subscribeTo({ all: { metrics: '*', 'interval.ms': String(INTERVAL_MS) } })
    expect(asks(client, first.clientInstanceId).subscriptionId).toBe(first.subscriptionId)
  })

  it('may ask once in an interval, unless it was told to', async () => {
    const client = testClient('app')
    const { clientInstanceId: id, ...asked } = asks(client)
    expect(refusalOf(client, id)).toBe('THROTTLING_QUOTA_EXCEEDED')
    const wrong = { clientInstanceId: id, subscriptionId: asked.subscriptionId + 1 }
    expect(pushes(wrong, client)).toBe('UNKNOWN_SUBSCRIPTION_ID')
    expect(refusalOf(client, id)).toBe('NONE')
    expect(refusalOf(client, id)).toBe('THROTTLING_QUOTA_EXCEEDED')
    await time.advance(INTERVAL_MS)
    expect(refusalOf(client, id)).toBe('NONE')
  })
})

describe('a push', () => {
  it('is taken once after asking, then once in an interval', async () => {
    const client = testClient('app')
    const asked = asks(client)
    await time.advance(INTERVAL_MS)
    expect(pushes(asked, client)).toBe('NONE')
    await time.advance(INTERVAL_MS - 1)
    expect(pushes(asked, client)).toBe('THROTTLING_QUOTA_EXCEEDED')
    await time.advance(1)
    expect(pushes(asked, client)).toBe('NONE')
    expect(Object.fromEntries(metrics.pushes)).toEqual({ NONE: 2, THROTTLING_QUOTA_EXCEEDED: 1 })
    expect(metrics.receivedBytes).toBe(2 * PUSHED.length)
  })

  it('is the last when it says so, which it may at any time', async () => {
    const client = testClient('app')
    const asked = asks(client)
    await time.advance(1)
    expect(pushes(asked, client)).toBe('NONE')
    expect(pushes(asked, client, { isTerminating: true })).toBe('NONE')
    await time.advance(2 * INTERVAL_MS)
    expect(pushes(asked, client)).toBe('INVALID_REQUEST')
  })

  it.each(COMPRESSION_TYPES)('may be compressed with %s', async (type) => {
    const client = testClient('app')
    const asked = asks(client)
    await time.advance(1)
    const compressed = Buffer.from(compress(type, PUSHED))
    const compressionType = compressionTypeId(type)
    expect(pushes(asked, client, { metrics: compressed, compressionType })).toBe('NONE')
    expect(reported('app', 'request_latency_avg_seconds')).toBeCloseTo(0.012)
  })

  it.each([
    ['another subscription', { subscriptionId: 1 }, 'UNKNOWN_SUBSCRIPTION_ID'],
    ['an unknown codec', { compressionType: 5 }, 'UNSUPPORTED_COMPRESSION_TYPE'],
    ['a negative codec', { compressionType: -1 }, 'UNSUPPORTED_COMPRESSION_TYPE'],
    ['too many bytes', { metrics: Buffer.alloc(MAX_BYTES + 1) }, 'TELEMETRY_TOO_LARGE'],
    ['no protobuf', { metrics: Buffer.from('not OTLP at all') }, 'INVALID_RECORD'],
    ['something else than it says', { compressionType: 4 }, 'INVALID_RECORD'],
    ['no id', { clientInstanceId: ZERO_UUID }, 'INVALID_REQUEST'],
    ['a reserved id', { clientInstanceId: 'AAAAAAAAAAAAAAAAAAAAAQ' }, 'INVALID_REQUEST'],
    ['nothing', { metrics: Buffer.alloc(0) }, 'NONE'],
  ] as const)('with %s is answered %s', async (_, push, error) => {
    const client = testClient('app')
    const asked = asks(client)
    await time.advance(1)
    expect(pushes(asked, client, push)).toBe(error)
    expect(reported('app', 'request_latency_avg_seconds')).toBeUndefined()
    expect(forwarded).toEqual([])
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] satisfies CompressionType[])(
    'that is a bomb of %s is too large before it is whole',
    async (type) => {
      const client = testClient('app')
      const asked = asks(client)
      await time.advance(1)
      const bomb = Buffer.from(compress(type, Buffer.alloc(200_000)))
      expect(bomb.length).toBeLessThan(MAX_BYTES)
      const compressionType = compressionTypeId(type)
      expect(pushes(asked, client, { metrics: bomb, compressionType })).toBe('TELEMETRY_TOO_LARGE')
    },
  )

  it('is passed on with who it is from', async () => {
    const client = testClient('app')
    const asked = asks(client)
    await time.advance(1)
    pushes(asked, client, { metrics: encodeMetricsData([], { job: 'x' }) })
    const [metricsData = Buffer.alloc(0)] = forwarded
    expect(decodeMetricsData(metricsData)).toMatchObject({
      resourceMetrics: [
        {
          resource: {
            attributes: [
              { key: 'job', value: { stringValue: 'x' } },
              { key: 'client_instance_id', value: { stringValue: asked.clientInstanceId } },
              { key: 'client_id', value: { stringValue: 'app' } },
              { key: 'client_software_name', value: { stringValue: 'apache-kafka-java' } },
              { key: 'client_software_version', value: { stringValue: '4.1.0' } },
              { key: 'client_source_address', value: { stringValue: '10.0.0.7' } },
              { key: 'client_source_port', value: { stringValue: '50007' } },
              { key: 'principal', value: { stringValue: 'User:alice' } },
              { key: 'broker_id', value: { stringValue: '7' } },
            ],
          },
          schemaUrl: 'https://opentelemetry.io/schemas/1.0',
        },
      ],
    })
  })
})

describe('what is remembered', () => {
  it('is bounded, whoever comes with an id of their own', () => {
    for (let count = 0; count < MAX_CLIENT_INSTANCES + 500; count++) {
      const id = Buffer.alloc(16)
      id.writeUInt32BE(count + 2, 12)
      metrics.subscribe(id.toString('base64url'), testClient(`app-${count}`))
    }
    expect(metrics.instanceCount).toBe(MAX_CLIENT_INSTANCES)
  })

  it('is no more of one client than it takes to know it', async () => {
    const long = 'x'.repeat(32_000)
    const client = testClient(long, long)
    const asked = asks(client)
    await time.advance(1)
    pushes(asked, client, { metrics: PUSHED })
    const [{ clientId = '', software = '' } = {}] = [...metrics.reports.all()]
    expect([clientId.length, software.length]).toEqual([250, 250])
    expect(forwarded[0]?.length).toBeLessThan(2_000)
  })

  it('is gone with the connection, and when a client does not come again', async () => {
    const [one, two] = [testClient('one'), testClient('two')]
    const asked = asks(one)
    asks(two)
    expect(metrics.instanceCount).toBe(2)
    one.close()
    expect(metrics.instanceCount).toBe(1)
    // It is another run for the broker, so it may ask at once.
    expect(refusalOf(testClient('one'), asked.clientInstanceId)).toBe('NONE')
    await time.advance(80_000)
    expect(metrics.instanceCount).toBe(0)
  })

  it('names no more clients than it may: the others share one series', async () => {
    for (const clientId of ['a', 'b', 'c', 'd']) {
      const client = testClient(clientId)
      const asked = asks(client)
      await time.advance(1)
      const value = clientId === 'd' ? 30 : 10
      pushes(asked, client, { metrics: encodeMetricsData([{ name: LATENCY, value }]) })
    }
    const names = [...metrics.reports.all()].map(({ clientId }) => clientId)
    expect(names).toEqual(['a', 'b', '_other'])
    expect(reported('_other', 'request_latency_avg_seconds')).toBeCloseTo(0.02)
    await time.advance(80_000)
    expect([...metrics.reports.all()]).toEqual([])
  })
})

it('leaves no timer behind', () => {
  metrics.stop()
  expect(time.pendingTimers).toBe(0)
})
