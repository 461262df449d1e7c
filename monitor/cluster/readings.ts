import { inParallel } from './in-parallel.ts'
import type { Reading, SeriesQuery } from './series-query.ts'

/**
 * What inspections and diagnoses read from the scraped series, in PromQL. `$window` is the time that
 * they look back over. Counters are increases over it.
 */
export const READINGS = {
  connections: 'sum(glasslog_connections)',
  connectionsAccepted: 'sum(increase(glasslog_connections_accepted_total[$window]))',
  connectionsAtOnce: 'max_over_time(sum(glasslog_connections)[$window:15s])',
  openFiles: 'max(process_open_fds)',
  maxFiles: 'max(process_max_fds)',
  softwareConnections: 'sum by (software, version) (glasslog_client_software_connections)',
  requestsByVersion:
    'sum by (request, version) (increase(kafka_network_requestmetrics_requests_total[$window]))',
  throttled: 'sum by (quota, entity) (increase(glasslog_quota_throttled_total[$window]))',
  throttledSeconds:
    'sum by (quota, entity) (increase(glasslog_quota_throttle_seconds_total[$window]))',
  topicThrottled: 'sum by (quota, topic) (increase(glasslog_topic_quota_throttled_total[$window]))',
  // Of a broker that is younger than the window all is new: what came before the first scrape, too.
  logins:
    'sum by (mechanism, result) ((glasslog_logins_total and on (job, instance) time() - process_start_time_seconds < $window) or increase(glasslog_logins_total[$window]))',
  denials: 'sum by (operation, resource) (increase(glasslog_denials_total[$window]))',
  produceRequests:
    'sum by (topic) (increase(kafka_server_brokertopicmetrics_totalproducerequests_total[$window]))',
  fetchRequests:
    'sum by (topic) (increase(kafka_server_brokertopicmetrics_totalfetchrequests_total[$window]))',
  failedProduceRequests:
    'sum by (topic) (increase(kafka_server_brokertopicmetrics_failedproducerequests_total[$window]))',
  messagesIn:
    'sum by (topic) (increase(kafka_server_brokertopicmetrics_messagesin_total[$window]))',
  bytesIn: 'sum by (topic) (increase(kafka_server_brokertopicmetrics_bytesin_total[$window]))',
  bytesOut: 'sum by (topic) (increase(kafka_server_brokertopicmetrics_bytesout_total[$window]))',
  conversions:
    'sum by (topic) (increase(kafka_server_brokertopicmetrics_producemessageconversions_total[$window])) + sum by (topic) (increase(kafka_server_brokertopicmetrics_fetchmessageconversions_total[$window]))',
  batches: 'sum by (topic, compression) (increase(glasslog_topic_batches_total[$window]))',
  peakProduceBytes:
    'max_over_time(sum(rate(kafka_server_brokertopicmetrics_bytesin_total[2m]))[$window:15s])',
  peakConsumeBytes:
    'max_over_time(sum(rate(kafka_server_brokertopicmetrics_bytesout_total[2m]))[$window:15s])',
  partitionAppended:
    'sum by (topic, partition) (increase(kafka_topic_partition_current_offset[$window]))',
  partitionEnd: 'sum by (topic, partition) (kafka_topic_partition_current_offset)',
  rebalances: 'sum by (group) (increase(glasslog_group_rebalances_total[$window]))',
  commits: 'sum by (group) (increase(glasslog_group_offset_commits_total[$window]))',
  fsyncSeconds:
    'histogram_quantile(0.99, sum by (le) (increase(glasslog_journal_fsync_duration_seconds_bucket[$window])))',
  fsyncs: 'sum(increase(glasslog_journal_fsync_duration_seconds_count[$window]))',
  coldReads: 'sum(increase(glasslog_reads_cold_total[$window]))',
  hotReads: 'sum(increase(glasslog_reads_hot_total[$window]))',
  stageSeconds:
    'sum by (api, stage) (increase(glasslog_request_stage_duration_seconds_sum[$window])) / sum by (api, stage) (increase(glasslog_request_stage_duration_seconds_count[$window]) > 0)',
  loopActive: 'max(rate(glasslog_event_loop_active_seconds_total[$window]))',
  historyRecords: 'max(glasslog_history_records)',
  publishedRecords: 'max by (target) (glasslog_history_published_records)',
  unsignedSeconds: 'max(glasslog_history_unsigned_seconds)',
  brokerVersion: 'max by (version) (glasslog_build_info)',
  // The probe of the monitor itself.
  probeProduced: 'sum(increase(glasslog_probe_messages_produced_total[$window]))',
  probeFailed:
    'sum(increase(glasslog_probe_messages_failed_total[$window])) + sum(increase(glasslog_probe_messages_lost_total[$window]))',
} as const

export type ReadingName = keyof typeof READINGS

export type Readings = Readonly<Record<ReadingName, readonly Reading[]>>

/** The expression of a reading over a window, as it is asked and shown. */
export function readingExpression(name: ReadingName, windowMs: number): string {
  return READINGS[name].replaceAll('$window', `${Math.round(windowMs / 1000)}s`)
}

/** Queries share the thread with scrapes: few at a time leave others their turn. */
const QUERIES_AT_ONCE = 4

export async function gatherReadings(
  query: SeriesQuery,
  atMs: number,
  windowMs: number,
): Promise<Readings> {
  const names = Object.keys(READINGS) as ReadingName[]
  const found = await inParallel(names, QUERIES_AT_ONCE, async (name) => [
    name,
    await query.instant(readingExpression(name, windowMs), atMs),
  ])
  return Object.fromEntries(found) as Readings
}

/** The sum of what carries these labels; 0 when nothing does. */
export function sumOf(
  readings: readonly Reading[],
  labels: Readonly<Record<string, string>> = {},
): number {
  let sum = 0
  for (const reading of readings) if (carries(reading, labels)) sum += reading.value
  return sum
}

/** The value of the first reading; null when there is none. */
export function onlyValue(readings: readonly Reading[]): number | null {
  return readings[0]?.value ?? null
}

/** Sums by the value of one label. */
export function sumsBy(readings: readonly Reading[], label: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { labels, value } of readings) {
    const key = labels[label]
    if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + value)
  }
  return sums
}

function carries({ labels }: Reading, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value)
}
