import type { ClientMetrics, OtlpForwarder } from '../client-metrics/index.ts'
import type { ControlPlane } from '../control/index.ts'
import type { EventReporter } from '../events/index.ts'
import type { GroupCoordinator } from '../groups/index.ts'
import type { AdvertisedEndpoint, Traffic } from '../handlers/index.ts'
import type { LogStore, LogStoreStats } from '../log/index.ts'
import type { ClientTable, ConnectionInfo, RequestStats } from '../network/index.ts'
import type { Quotas } from '../quotas/index.ts'
import type { AccessControl } from '../security/index.ts'
import type { Tracing } from '../tracing/index.ts'
import { clientMetricsFamilies } from './families/client-metrics.ts'
import { clusterFamilies } from './families/cluster.ts'
import { compactionFamilies } from './families/compaction.ts'
import { connectionFamilies } from './families/connections.ts'
import { controlFamilies } from './families/control.ts'
import { diskFamilies } from './families/disk.ts'
import { eventFamilies } from './families/events.ts'
import { groupLagFamilies } from './families/group-lag.ts'
import { groupFamilies } from './families/groups.ts'
import { kafkaQuotaFamilies } from './families/kafka-quotas.ts'
import { kminionFamilies } from './families/kminion.ts'
import { limitFamilies } from './families/limits.ts'
import type { ScrapeCounts } from './families/own.ts'
import { ownFamilies } from './families/own.ts'
import { persecFamilies } from './families/persec.ts'
import type { ProofState } from './families/proofs.ts'
import { proofFamilies } from './families/proofs.ts'
import { quotaFamilies } from './families/quotas.ts'
import { requestQuantileFamilies } from './families/request-quantiles.ts'
import { requestFamilies } from './families/requests.ts'
import { scrubFamilies } from './families/scrub.ts'
import { storageFamilies } from './families/storage.ts'
import { topicFamilies } from './families/topics.ts'
import { tracingFamilies } from './families/tracing.ts'
import type { Family } from './family.ts'
import type { RecentQuantiles } from './recent-quantiles.ts'
import type { GroupsView } from './view/group-view.ts'
import type { QuotaView } from './view/quota-view.ts'
import type { TopicView } from './view/topic-view.ts'

/** Where the numbers are. All of it is read when somebody scrapes. */
export interface BrokerSources {
  readonly control: ControlPlane
  readonly traffic: Traffic
  readonly log: LogStore & { readonly stats: LogStoreStats }
  readonly groups: GroupCoordinator
  readonly requests: RequestStats
  readonly connections: () => Iterable<ConnectionInfo>
  readonly clients: ClientTable
  /** `max.connections` as it is now. */
  readonly maxConnections: () => number
  /** When the certificate of each listener with TLS ends, Unix time in ms. */
  readonly certificateEnds: () => ReadonlyMap<string, number>
  readonly access: AccessControl
  readonly quotas: Quotas
  readonly events: EventReporter
  readonly clientMetrics: ClientMetrics
  /** What passes on what clients report; null for nobody. */
  readonly clientMetricsForwarder: OtlpForwarder | null
  /** Null when nobody asks for traces. */
  readonly tracing: Tracing | null
  /** What signs the history. */
  readonly audit: { readonly state: ProofState }
  /** Where clients are told to find the broker. */
  readonly advertised: () => AdvertisedEndpoint
  readonly rack: string | null
  readonly version: string
}

/** What is made for each scrape, or of it. */
export interface ScrapeViews {
  readonly topicView: TopicView
  readonly groupsView: GroupsView
  readonly quotaView: QuotaView
  readonly quantiles: RecentQuantiles
  readonly scrapes: ScrapeCounts
  readonly disk: () => { readonly totalBytes: number; readonly freeBytes: number } | null
  readonly otherSoftware: () => number
  readonly maxClientSoftware: number
}

export interface MetricSources extends BrokerSources, ScrapeViews {}

/** Every family that the broker may expose of itself, whatever the dialects. */
export function metricFamilies(sources: MetricSources): readonly Family[] {
  return [
    ...topicFamilies(sources),
    ...clusterFamilies(sources),
    ...requestFamilies(sources.requests),
    ...requestQuantileFamilies(sources),
    ...connectionFamilies(sources),
    ...limitFamilies(sources),
    ...quotaFamilies(sources.quotas),
    ...kafkaQuotaFamilies(sources),
    ...storageFamilies(sources.log),
    ...diskFamilies(sources),
    ...compactionFamilies(sources.log),
    ...scrubFamilies(sources.log),
    ...groupFamilies(sources),
    ...groupLagFamilies(sources),
    ...controlFamilies(sources),
    ...eventFamilies(sources.events),
    ...clientMetricsFamilies(sources),
    ...tracingFamilies(sources),
    ...proofFamilies(sources.audit),
    ...ownFamilies(sources),
    ...persecFamilies(sources),
    ...kminionFamilies(sources),
  ]
}

/** The families without a broker behind them, for docs: names, types and help, never samples. */
export function listFamilies(): readonly Omit<Family, 'samples'>[] {
  // A family looks at its sources only when it is sampled.
  return metricFamilies({} as MetricSources)
}
