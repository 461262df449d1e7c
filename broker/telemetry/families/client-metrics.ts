import type { ClientMetrics, OtlpForwarder } from '../../client-metrics/index.ts'
import { REPORTED_METRICS } from '../../client-metrics/index.ts'
import type { Family, Sample } from '../family.ts'

const MOVED_BY = 'broker/telemetry/families/client-metrics.test.ts'

interface ClientMetricsSources {
  readonly clientMetrics: Pick<
    ClientMetrics,
    'reports' | 'pushes' | 'receivedBytes' | 'instanceCount' | 'subscriptionCount'
  >
  readonly clientMetricsForwarder: Pick<OtlpForwarder, 'counts' | 'queueBytes'> | null
}

/** What clients report of themselves (KIP-714), by client id; and what becomes of their pushes. */
export function clientMetricsFamilies(sources: ClientMetricsSources): readonly Family[] {
  return [...reportedFamilies(sources), ...pushFamilies(sources), ...forwardFamilies(sources)]
}

function reportedFamilies(sources: ClientMetricsSources): readonly Family[] {
  return REPORTED_METRICS.map(({ family, type, help }, index) => ({
    ...{ name: `glasslog_client_${family}`, type, help, movedBy: MOVED_BY },
    labels: ['client_id', 'software', 'role'],
    *samples(): Iterable<Sample> {
      for (const series of sources.clientMetrics.reports.all()) {
        const { clientId, software, role } = series
        const value = series.valueOf(index)
        if (!Number.isNaN(value)) yield { labels: { client_id: clientId, software, role }, value }
      }
    },
  }))
}

function pushFamilies(sources: ClientMetricsSources): readonly Family[] {
  return [
    {
      ...{ name: 'glasslog_client_metrics_subscriptions', type: 'gauge', labels: [] },
      help: 'Subscriptions of client metrics: configurations of who is asked for what.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        yield { labels: {}, value: sources.clientMetrics.subscriptionCount }
      },
    },
    {
      ...{ name: 'glasslog_client_metrics_instances', type: 'gauge', labels: [] },
      help: 'Runs of clients that asked what to report and are still there. At most 10,000.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        yield { labels: {}, value: sources.clientMetrics.instanceCount }
      },
    },
    {
      ...{ name: 'glasslog_client_metrics_pushes_total', type: 'counter', labels: ['result'] },
      help: 'Pushes of client metrics, by what they were answered; NONE is success.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        for (const [result, value] of sources.clientMetrics.pushes) {
          yield { labels: { result }, value }
        }
      },
    },
    {
      ...{ name: 'glasslog_client_metrics_received_bytes_total', type: 'counter', labels: [] },
      help: 'Bytes of pushes of client metrics that were taken, as they came.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        yield { labels: {}, value: sources.clientMetrics.receivedBytes }
      },
    },
  ]
}

/** Without a collector there is nothing to count. */
function forwardFamilies(sources: ClientMetricsSources): readonly Family[] {
  return [
    {
      ...{ name: 'glasslog_client_metrics_forwarded_total', type: 'counter', labels: ['outcome'] },
      help: 'Pushes of client metrics on their way to the collector: sent, or dropped because it refused them or was away for too long.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        const counts = sources.clientMetricsForwarder?.counts
        if (!counts) return
        for (const [outcome, value] of Object.entries(counts)) yield { labels: { outcome }, value }
      },
    },
    {
      ...{ name: 'glasslog_client_metrics_forward_queue_bytes', type: 'gauge', labels: [] },
      help: 'Bytes of pushes that wait for the collector. At most 8 MiB.',
      movedBy: MOVED_BY,
      *samples(): Iterable<Sample> {
        const queueBytes = sources.clientMetricsForwarder?.queueBytes
        if (queueBytes !== undefined) yield { labels: {}, value: queueBytes }
      },
    },
  ]
}
