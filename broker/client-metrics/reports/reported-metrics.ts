/** How the numbers of several connections, and of several clients of one name, become one. */
export type Merge = 'mean' | 'max' | 'sum'

/** One number that clients report, and what it is called here. */
export interface ReportedMetric {
  /** What comes after `glasslog_client_`. */
  readonly family: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  /** What comes after `org.apache.kafka.` and the role, which is `producer` or `consumer`. */
  readonly names: readonly string[]
  readonly merge: Merge
  /** Clients report milliseconds; what is exposed are seconds. */
  readonly scale: number
}

const MS = 0.001

function latency(family: string, what: string, ...names: readonly string[]): ReportedMetric[] {
  const common = { type: 'gauge', scale: MS } as const
  return [
    {
      ...{ ...common, family: `${family}_avg_seconds`, merge: 'mean' },
      help: `${what}: average over the client's last windows, as it reports it.`,
      names: names.map((name) => `${name}.avg`),
    },
    {
      ...{ ...common, family: `${family}_max_seconds`, merge: 'max' },
      help: `${what}: maximum over the client's last windows, as it reports it.`,
      names: names.map((name) => `${name}.max`),
    },
  ]
}

/**
 * The standard metrics of KIP-714 that are exposed on /metrics. A client may be asked for more of its
 * own: all that it pushes is passed on to a collector, where there is one.
 */
export const REPORTED_METRICS: readonly ReportedMetric[] = [
  ...latency('request_latency', 'From sending a request to its answer', 'node.request.latency'),
  ...latency('record_queue_time', 'Records waiting in the producer', 'record.queue.time'),
  ...latency(
    'produce_throttle_time',
    'Produce requests held by quotas, as the producer was told',
    'produce.throttle.time',
  ),
  ...latency('fetch_latency', 'Fetch requests of the consumer', 'fetch.manager.fetch.latency'),
  {
    ...{ family: 'poll_idle_ratio', type: 'gauge', merge: 'mean', scale: 1 },
    help: 'Share of its time that the consumer waits for records rather than works on them, 0 to 1.',
    names: ['poll.idle.ratio.avg'],
  },
  ...latency('commit_latency', 'Offset commits of the consumer', 'coordinator.commit.latency'),
  ...latency(
    'rebalance_latency',
    'Rebalances as the consumer lives through them',
    'coordinator.rebalance.latency',
  ),
  {
    ...{ family: 'assigned_partitions', type: 'gauge', merge: 'sum', scale: 1 },
    help: 'Partitions that consumers of that client id have.',
    names: ['coordinator.assigned.partitions'],
  },
  {
    ...{ family: 'rebalance_seconds_total', type: 'counter', merge: 'sum', scale: MS },
    help: 'Time that consumers spent in rebalances, as they report it.',
    names: ['coordinator.rebalance.latency.total'],
  },
  {
    ...{ family: 'rebalances_total', type: 'counter', merge: 'sum', scale: 1 },
    help: 'Rebalances that consumers went through, as they report it.',
    names: ['coordinator.rebalance.total'],
  },
  {
    ...{ family: 'connections_created_total', type: 'counter', merge: 'sum', scale: 1 },
    help: 'Connections that clients made, as they report it.',
    names: ['connection.creation.total'],
  },
]

const PREFIX = 'org.apache.kafka.'
const ROLES = ['producer', 'consumer'] as const
export type ClientRole = (typeof ROLES)[number]

interface Meaning {
  readonly role: ClientRole
  /** Position in REPORTED_METRICS. */
  readonly index: number
}

const byName: ReadonlyMap<string, Meaning> = new Map(
  ROLES.flatMap((role) =>
    REPORTED_METRICS.flatMap(({ names }, index) =>
      names.map((name) => [`${PREFIX}${role}.${name}`, { role, index }] as const),
    ),
  ),
)

/** What a metric of a client means here; undefined for one that is not exposed. */
export function meaningOf(metric: string): Meaning | undefined {
  return byName.get(metric)
}
