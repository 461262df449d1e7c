import type { Context, Span } from '@opentelemetry/api'
import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeMetricsData } from '../../broker/client-metrics/testing.ts'
import { ZERO_UUID } from '../../kit/index.ts'
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  PushTelemetryRequest,
  PushTelemetryResponse,
} from '../../protocol/index.ts'
import type { BrokerProcess } from '../support/broker-process.ts'
import { startBrokerProcess, temporaryDirectory } from '../support/broker-process.ts'
import { connectRaw } from '../support/client.ts'
import type { OtlpReceiver, ReceivedSpan } from '../support/otlp-receiver.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'

/**
 * One record from its producer through the broker to its consumer, as a collector sees it: an
 * application with OpenTelemetry's SDK on a client of Kafka, and a broker with `otlp-endpoint`,
 * `otlp-headers` and `otlp-client-metrics`.
 */

const TOPIC = 'orders'
const GROUP = 'readers'
const CLIENT_METRICS = 16

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let receiver: OtlpReceiver
let broker: BrokerProcess

beforeAll(async () => {
  directory = await temporaryDirectory()
  receiver = await startOtlpReceiver()
  const otlp = ['--otlp-endpoint', `${receiver.endpoint}/`, '--otlp-client-metrics', 'true']
  const headers = ['--otlp-headers', 'authorization=Bearer%20secret']
  // Nothing but what its producer traces.
  const quiet = ['--override', 'glasslog.tracing.sample.ratio=0']
  broker = await startBrokerProcess(directory.path, { args: [...otlp, ...headers, ...quiet] })
})
afterAll(async () => {
  await broker.end('SIGTERM')
  await receiver.stop()
  await directory.remove()
})

/** Waits for something that comes in its own time. */
async function until(isSo: () => boolean, what: () => string): Promise<void> {
  const deadlineMs = performance.now() + 15_000
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new Error(what())
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** An application that traces what it produces and consumes. */
function application() {
  const exporter = new OTLPTraceExporter({ url: `${receiver.endpoint}/v1/traces` })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 50 })],
  })
  const tracer = provider.getTracer('shop')
  return {
    provider,
    begin: (name: string, kind: SpanKind, parent: Context = ROOT_CONTEXT) =>
      tracer.startSpan(name, { kind }, parent),
  }
}

function traceParentOf(span: Span): string {
  const { traceId, spanId } = span.spanContext()
  return `00-${traceId}-${spanId}-01`
}

function contextFrom(traceParent: string): Context {
  const [, traceId = '', spanId = ''] = traceParent.split('-')
  const remote = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }
  return trace.setSpanContext(ROOT_CONTEXT, remote)
}

describe('a collector', () => {
  it('sees one linked trace across producer, broker and consumer', {
    timeout: 60_000,
  }, async () => {
    const { host, port } = broker.kafka
    const kafka = new Kafka({
      ...{ clientId: 'shop', brokers: [`${host}:${port}`], logLevel: logLevel.NOTHING },
    })
    const { provider, begin } = application()
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1 }] })
    await admin.disconnect()

    const producer = kafka.producer()
    await producer.connect()
    const send = begin(`send ${TOPIC}`, SpanKind.PRODUCER)
    const headers = { traceparent: traceParentOf(send) }
    await producer.send({ topic: TOPIC, messages: [{ value: 'plain' }] })
    await producer.send({ topic: TOPIC, messages: [{ value: 'traced', headers }] })
    send.end()
    await producer.disconnect()

    const consumer = kafka.consumer({ groupId: GROUP })
    await consumer.connect()
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true })
    const processed = Promise.withResolvers<void>()
    await consumer.run({
      autoCommit: false,
      async eachMessage({ topic, partition, message }) {
        const parent = message.headers?.traceparent?.toString()
        if (parent === undefined) return
        const span = begin(`process ${TOPIC}`, SpanKind.CONSUMER, contextFrom(parent))
        const offset = String(Number(message.offset) + 1)
        await consumer.commitOffsets([{ topic, partition, offset }])
        span.end()
        processed.resolve()
      },
    })
    await processed.promise
    await consumer.disconnect()
    await provider.shutdown()

    const { traceId } = send.spanContext()
    const inTrace = () => receiver.spans.filter((span) => span.traceId === traceId)
    const wanted = ['send', 'append', 'fetch', 'commit', 'process'].map((one) => `${one} ${TOPIC}`)
    const names = () => inTrace().map(({ name }) => name)
    await until(
      () => wanted.every((name) => names().includes(name)) && names().includes('OffsetCommit'),
      () => `only ${names().join(', ')} came`,
    )
    expectOneTree(inTrace())
    expect(spanOf(inTrace(), `append ${TOPIC}`).attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'append',
      'messaging.destination.name': TOPIC,
      'messaging.kafka.offset': 1,
    })
    expect(spanOf(inTrace(), `commit ${TOPIC}`).attributes).toMatchObject({
      'messaging.consumer.group.name': GROUP,
    })
    const services = new Set(inTrace().map(({ service }) => service))
    expect([...services].sort()).toEqual(['glasslog', 'shop'])
    // Of the record that nobody traced there is nothing.
    expect(new Set(receiver.spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
  })

  it('gets what clients report, with who they are, and the headers that it wants', async () => {
    const client = await connectRaw(broker.kafka.port)
    await client.send(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
      resources: [
        {
          ...{ resourceType: CLIENT_METRICS, resourceName: 'all' },
          configs: [{ name: 'metrics', configOperation: 0, value: '*' }],
        },
      ],
      validateOnly: false,
    })
    const asked = await client.send(
      GetTelemetrySubscriptionsRequest,
      GetTelemetrySubscriptionsResponse,
      0,
      { clientInstanceId: ZERO_UUID },
    )
    const { clientInstanceId, subscriptionId } = asked
    const name = 'org.apache.kafka.producer.record.queue.time.max'
    const pushed = await client.send(PushTelemetryRequest, PushTelemetryResponse, 0, {
      ...{ clientInstanceId, subscriptionId, terminating: true, compressionType: 0 },
      metrics: encodeMetricsData([{ name, value: 3 }]),
    })
    expect(pushed.errorCode).toBe(0)
    await until(
      () => receiver.metrics.length > 0,
      () => 'nothing came',
    )
    expect(receiver.metrics).toMatchObject([
      { resource: { client_instance_id: clientInstanceId }, names: [name] },
    ])
    await client.close()
    const ours = receiver.requests.filter(({ authorization }) => authorization !== undefined)
    expect(new Set(ours.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer secret']),
    )
    expect(new Set(ours.map(({ path }) => path))).toEqual(new Set(['/v1/traces', '/v1/metrics']))
    const metrics = await (await fetch(`${broker.adminUrl}/metrics`)).text()
    expect(metrics).toContain('glasslog_client_record_queue_time_max_seconds{')
    expect(metrics).toMatch(/glasslog_trace_spans_total\{outcome="exported"\} [1-9]/)
  })
})

function spanOf(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const found = spans.find((span) => span.name === name)
  if (!found) throw new Error(`there is no span ${name}`)
  return found
}

/** Every span but one hangs on another, and none begins before what it hangs on. */
function expectOneTree(spans: readonly ReceivedSpan[]): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const roots = spans.filter(({ parentId }) => !byId.has(parentId))
  expect(roots.map(({ name }) => name)).toEqual([`send ${TOPIC}`])
}
