import type { AdminClient } from './admin-client.ts'
import { BrokerUnreachableError, LARGEST_PAGE } from './admin-client.ts'
import type { ListenerCertificate } from './certificates.ts'
import { gatherCertificates } from './certificates.ts'
import type {
  Account,
  Acl,
  ClusterSummary,
  ConfigEntry,
  Connection,
  DeletedTopic,
  DiskCapacity,
  Group,
  GroupDetails,
  Listener,
  Quota,
  Token,
  Topic,
} from './entities.ts'
import { inParallel } from './in-parallel.ts'
import type { Readings } from './readings.ts'
import { gatherReadings } from './readings.ts'
import type { Curve, SeriesQuery } from './series-query.ts'

/** The cluster at one moment, as far as it is seen from outside: plain data for whoever judges it. */
export interface ClusterSnapshot {
  readonly atMs: number
  /** How far back readings look. */
  readonly windowMs: number
  readonly cluster: ClusterSummary
  readonly topics: readonly Topic[]
  readonly groups: readonly GroupDetails[]
  readonly configs: ReadonlyMap<string, ConfigEntry>
  readonly listeners: readonly Listener[]
  readonly certificates: readonly ListenerCertificate[]
  readonly acls: readonly Acl[]
  readonly accounts: readonly Account[]
  readonly tokens: readonly Token[]
  readonly quotas: readonly Quota[]
  readonly connections: readonly Connection[]
  readonly deletedTopics: readonly DeletedTopic[]
  readonly disk: DiskCapacity
  readonly readings: Readings
  /** Bytes in use, and of each topic, over the last day or as long as there is anything. */
  readonly diskUsage: readonly Curve[]
}

export interface SnapshotSources {
  readonly admin: AdminClient
  readonly query: SeriesQuery
}

const REQUESTS_AT_ONCE = 8
/** Groups that are looked at one by one: those that are most behind. */
const MAX_GROUPS = 1_000
const HOUR_MS = 3_600_000
const USAGE_PERIOD_MS = 24 * HOUR_MS
const USAGE_POINTS = 96

/**
 * Asks for all of it, one thing after the other: answers that were made at the same time would hold up the broker's clients for
 * as long as all of them take.
 * @throws BrokerUnreachableError
 */
export async function gatherSnapshot(
  { admin, query }: SnapshotSources,
  atMs: number,
  windowMs: number,
): Promise<ClusterSnapshot> {
  const cluster = await admin.get<ClusterSummary>('/v1/cluster')
  const disk = await admin.get<DiskCapacity>('/v1/disk-capacity')
  if (cluster === null || disk === null)
    throw new BrokerUnreachableError('what answers is no broker of ours')
  const topics = await admin.list<Topic>('/v1/topics', 'topics')
  const groups = await gatherGroups(admin)
  const configs = await admin.list<ConfigEntry>('/v1/configs', 'configs')
  const listeners = await admin.list<Listener>('/v1/listeners', 'listeners')
  const acls = await admin.list<Acl>('/v1/acls', 'acls')
  const accounts = await admin.list<Account>('/v1/accounts', 'accounts')
  const tokens = await admin.list<Token>('/v1/tokens', 'tokens')
  const quotas = await admin.list<Quota>('/v1/quotas', 'quotas')
  const connections = await admin.list<Connection>('/v1/connections', 'connections')
  const deletedTopics = await admin.list<DeletedTopic>('/v1/deleted-topics', 'topics')
  return {
    ...{ atMs, windowMs, cluster, disk, topics, groups, listeners, acls, accounts, tokens },
    ...{ quotas, connections, deletedTopics },
    certificates: await gatherCertificates(listeners),
    configs: new Map(configs.map((entry) => [entry.name, entry])),
    readings: await gatherReadings(query, atMs, windowMs),
    diskUsage: await query.range(
      'sum by (topic) (kafka_log_log_size)',
      atMs - USAGE_PERIOD_MS,
      atMs,
      USAGE_PERIOD_MS / USAGE_POINTS,
    ),
  }
}

async function gatherGroups(admin: AdminClient): Promise<readonly GroupDetails[]> {
  const groups = await admin.list<Group>('/v1/groups?sort=lag', 'groups', LARGEST_PAGE)
  const details = await inParallel(groups.slice(0, MAX_GROUPS), REQUESTS_AT_ONCE, ({ group }) =>
    admin.get<GroupDetails>(`/v1/groups/${encodeURIComponent(group)}`),
  )
  return details.filter((one) => one !== null)
}
