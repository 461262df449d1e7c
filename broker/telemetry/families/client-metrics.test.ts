import { expect, it } from 'vitest'
import { seededRandom, silentLogger, ZERO_UUID } from '../../../kit/index.ts'
import { createSimTime } from '../../../kit/testing.ts'
import { ClientMetrics, OtlpForwarder } from '../../client-metrics/index.ts'
import { encodeMetricsData, testClient } from '../../client-metrics/testing.ts'
import type { Sample } from '../family.ts'
import { clientMetricsFamilies } from './client-metrics.ts'

/** Every family of client metrics, moved by clients that report everything there is. */

const time = createSimTime()
const all = { metrics: '*', 'interval.ms': '1000' }
const state = { clientMetrics: new Map([['all', all]]), clientMetricsSeq: 1 }

function startClientMetrics() {
  const forwarder = new OtlpForwarder({
    post: async () => ({ status: 200, retryAfterMs: null }),
    ...{ ...time, random: seededRandom(1), logger: silentLogger },
  })
  const clientMetrics = new ClientMetrics({
    ...{ state, maxBytes: () => 10_000, maxClientIds: () => 10 },
    ...{ brokerId: 1, forward: (metricsData) => forwarder.offer(metricsData) },
    ...{ ...time, random: seededRandom(2) },
  })
  return { clientMetrics, clientMetricsForwarder: forwarder }
}

/** `name label,label value`. */
function linesOf(sources: ReturnType<typeof startClientMetrics>): readonly string[] {
  return clientMetricsFamilies(sources).flatMap(({ name, samples }) =>
    [...(samples() as Iterable<Sample>)].map(({ labels, value }) =>
      [name, ...Object.values(labels), value].join(' '),
    ),
  )
}

async function push(
  { clientMetrics }: ReturnType<typeof startClientMetrics>,
  clientId: string,
  points: Parameters<typeof encodeMetricsData>[0],
): Promise<void> {
  const client = testClient(clientId, 'librdkafka')
  const asked = clientMetrics.subscribe(ZERO_UUID, client)
  if (asked.error !== 'NONE') throw new Error(asked.error)
  await time.advance(1)
  const metrics = encodeMetricsData(
    points.map((point) => ({ ...point, name: `org.apache.kafka.${point.name}` })),
  )
  const { clientInstanceId, subscriptionId } = asked
  const common = { clientInstanceId, subscriptionId, isTerminating: false, compressionType: 0 }
  expect(clientMetrics.push({ ...common, metrics }, client)).toBe('NONE')
  expect(clientMetrics.push({ ...common, metrics }, client)).toBe('THROTTLING_QUOTA_EXCEEDED')
}

it('shows what producers and consumers report, in seconds, and what became of their pushes', async () => {
  const sources = startClientMetrics()
  await push(sources, 'writer', [
    { name: 'producer.node.request.latency.avg', value: 4 },
    { name: 'producer.node.request.latency.max', value: 8 },
    { name: 'producer.record.queue.time.avg', value: 1 },
    { name: 'producer.record.queue.time.max', value: 2 },
    { name: 'producer.produce.throttle.time.avg', value: 16 },
    { name: 'producer.produce.throttle.time.max', value: 32 },
    { name: 'producer.connection.creation.total', value: 3, sum: 'delta' },
  ])
  await push(sources, 'reader', [
    { name: 'consumer.fetch.manager.fetch.latency.avg', value: 500 },
    { name: 'consumer.fetch.manager.fetch.latency.max', value: 501 },
    { name: 'consumer.poll.idle.ratio.avg', value: 0.25 },
    { name: 'consumer.coordinator.commit.latency.avg', value: 2 },
    { name: 'consumer.coordinator.commit.latency.max', value: 4 },
    { name: 'consumer.coordinator.rebalance.latency.avg', value: 3000 },
    { name: 'consumer.coordinator.rebalance.latency.max', value: 4000 },
    { name: 'consumer.coordinator.rebalance.latency.total', value: 7000, sum: 'delta' },
    { name: 'consumer.coordinator.rebalance.total', value: 2, sum: 'delta' },
    { name: 'consumer.coordinator.assigned.partitions', value: 6 },
  ])
  const waiting = Number(
    linesOf(sources)
      .find((one) => one.includes('queue_bytes'))
      ?.split(' ')[1],
  )
  expect(waiting).toBeGreaterThan(0)
  await time.advance(5_000)
  expect(linesOf(sources)).toEqual([
    'glasslog_client_request_latency_avg_seconds writer librdkafka producer 0.004',
    'glasslog_client_request_latency_max_seconds writer librdkafka producer 0.008',
    'glasslog_client_record_queue_time_avg_seconds writer librdkafka producer 0.001',
    'glasslog_client_record_queue_time_max_seconds writer librdkafka producer 0.002',
    'glasslog_client_produce_throttle_time_avg_seconds writer librdkafka producer 0.016',
    'glasslog_client_produce_throttle_time_max_seconds writer librdkafka producer 0.032',
    'glasslog_client_fetch_latency_avg_seconds reader librdkafka consumer 0.5',
    'glasslog_client_fetch_latency_max_seconds reader librdkafka consumer 0.501',
    'glasslog_client_poll_idle_ratio reader librdkafka consumer 0.25',
    'glasslog_client_commit_latency_avg_seconds reader librdkafka consumer 0.002',
    'glasslog_client_commit_latency_max_seconds reader librdkafka consumer 0.004',
    'glasslog_client_rebalance_latency_avg_seconds reader librdkafka consumer 3',
    'glasslog_client_rebalance_latency_max_seconds reader librdkafka consumer 4',
    'glasslog_client_assigned_partitions reader librdkafka consumer 6',
    'glasslog_client_rebalance_seconds_total reader librdkafka consumer 7',
    'glasslog_client_rebalances_total reader librdkafka consumer 2',
    'glasslog_client_connections_created_total writer librdkafka producer 3',
    'glasslog_client_metrics_subscriptions 1',
    'glasslog_client_metrics_instances 2',
    'glasslog_client_metrics_pushes_total NONE 2',
    'glasslog_client_metrics_pushes_total THROTTLING_QUOTA_EXCEEDED 2',
    expect.stringMatching(/^glasslog_client_metrics_received_bytes_total \d{3,}$/),
    'glasslog_client_metrics_forwarded_total sent 2',
    'glasslog_client_metrics_forwarded_total dropped 0',
    'glasslog_client_metrics_forward_queue_bytes 0',
  ])
})
