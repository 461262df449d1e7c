import type { AdminClient } from './admin-client.ts'
import { BrokerUnreachableError } from './admin-client.ts'
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
 * Asks for all of it.
 * @throws BrokerUnreachableError
 */
export async function gatherSnapshot(
  { admin, query }: SnapshotSources,
  atMs: number,
  windowMs: number,
): Promise<ClusterSnapshot> {
  const [cluster, disk, topics, groups, configs] = await Promise.all([
    admin.get<ClusterSummary>('/v1/cluster'),
    admin.get<DiskCapacity>('/v1/disk-capacity'),
    admin.list<Topic>('/v1/topics', 'topics'),
    gatherGroups(admin),
    admin.list<ConfigEntry>('/v1/configs', 'configs'),
  ])
  if (cluster === null || disk === null)
    throw new BrokerUnreachableError('what answers is no broker of ours')
  const [listeners, acls, accounts, tokens, quotas, connections, deletedTopics] = await Promise.all(
    [
      admin.list<Listener>('/v1/listeners', 'listeners'),
      admin.list<Acl>('/v1/acls', 'acls'),
      admin.list<Account>('/v1/accounts', 'accounts'),
      admin.list<Token>('/v1/tokens', 'tokens'),
      admin.list<Quota>('/v1/quotas', 'quotas'),
      admin.list<Connection>('/v1/connections', 'connections'),
      admin.list<DeletedTopic>('/v1/deleted-topics', 'topics'),
    ],
  )
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
  const groups = await admin.list<Group>('/v1/groups?sort=lag', 'groups')
  const details = await inParallel(groups.slice(0, MAX_GROUPS), REQUESTS_AT_ONCE, ({ group }) =>
    admin.get<GroupDetails>(`/v1/groups/${encodeURIComponent(group)}`),
  )
  return details.filter((one) => one !== null)
}
