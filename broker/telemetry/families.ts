import type { ClientMetrics, OtlpForwarder } from '../client-metrics/index.ts'
import type { ControlPlane } from '../control/index.ts'
import type { EventReporter } from '../events/index.ts'
import type { GroupCoordinator } from '../groups/index.ts'
import type { Traffic } from '../handlers/index.ts'
import type { LogStore, LogStoreStats } from '../log/index.ts'
import type { RequestStats } from '../network/index.ts'
import type { Quotas } from '../quotas/index.ts'
import type { Tracing } from '../tracing/index.ts'
import { clientMetricsFamilies } from './families/client-metrics.ts'
import { compactionFamilies } from './families/compaction.ts'
import { controlFamilies } from './families/control.ts'
import { eventFamilies } from './families/events.ts'
import { groupFamilies } from './families/groups.ts'
import type { ProofState } from './families/proofs.ts'
import { proofFamilies } from './families/proofs.ts'
import { quotaFamilies } from './families/quotas.ts'
import { requestFamilies } from './families/requests.ts'
import { scrubFamilies } from './families/scrub.ts'
import { storageFamilies } from './families/storage.ts'
import { topicFamilies } from './families/topics.ts'
import { tracingFamilies } from './families/tracing.ts'
import type { Family } from './family.ts'

/** Where the numbers are. All of it is read when somebody scrapes. */
export interface MetricSources {
  readonly control: ControlPlane
  readonly traffic: Traffic
  readonly log: LogStore & { readonly stats: LogStoreStats }
  readonly groups: GroupCoordinator
  readonly requests: RequestStats
  readonly quotas: Quotas
  readonly events: EventReporter
  readonly clientMetrics: ClientMetrics
  /** What passes on what clients report; null for nobody. */
  readonly clientMetricsForwarder: OtlpForwarder | null
  /** Null when nobody asks for traces. */
  readonly tracing: Tracing | null
  /** What signs the history. */
  readonly audit: { readonly state: ProofState }
}

/** Every family that the broker exposes of itself. */
export function metricFamilies(sources: MetricSources): readonly Family[] {
  return [
    ...topicFamilies(sources),
    ...requestFamilies(sources.requests),
    ...quotaFamilies(sources.quotas),
    ...storageFamilies(sources.log),
    ...compactionFamilies(sources.log),
    ...scrubFamilies(sources.log),
    ...groupFamilies(sources),
    ...controlFamilies(sources),
    ...eventFamilies(sources.events),
    ...clientMetricsFamilies(sources),
    ...tracingFamilies(sources),
    ...proofFamilies(sources.audit),
  ]
}

/** The families without a broker behind them, for docs: names, types and help, never samples. */
export function listFamilies(): readonly Omit<Family, 'samples'>[] {
  // A family looks at its sources only when it is sampled.
  return metricFamilies({} as MetricSources)
}
