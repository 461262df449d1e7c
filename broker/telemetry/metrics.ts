import type { Clock, Timers } from '../../kit/index.ts'
import type { MetricsEndpoint } from './exposition/endpoint.ts'
import { createMetricsEndpoint } from './exposition/endpoint.ts'
import { otherSoftwareConnections } from './families/connections.ts'
import { quantileRecorders } from './families/request-quantiles.ts'
import type { BrokerSources } from './families.ts'
import { metricFamilies } from './families.ts'
import { RecentQuantiles } from './recent-quantiles.ts'
import type { MetricSettings } from './settings.ts'
import type { Slices } from './slices.ts'
import { GroupsView } from './view/group-view.ts'
import { QuotaView } from './view/quota-view.ts'
import { TopicView } from './view/topic-view.ts'

interface DiskSpace {
  readonly totalBytes: number
  readonly freeBytes: number
}

export interface MetricsOptions {
  readonly sources: BrokerSources
  readonly settings: MetricSettings
  readonly clock: Clock
  readonly timers: Timers
  /** Space in the file system of the data. */
  readonly space: () => Promise<DiskSpace>
}

/** `/metrics`: the families of the dialects that are asked for, and what has to be looked at before each scrape. */
export function createMetrics({
  sources,
  settings,
  clock,
  timers,
  space,
}: MetricsOptions): MetricsEndpoint {
  const topicView = new TopicView(sources, settings.maxTopics)
  const groupsView = new GroupsView(sources, settings, clock)
  const quotaView = new QuotaView(sources, settings, clock)
  const quantiles = new RecentQuantiles(clock)
  const scrapes = { count: 0, lastMs: 0 }
  const { maxClientSoftware } = settings
  let disk: DiskSpace | null = null
  const families = metricFamilies({
    ...sources,
    ...{ topicView, groupsView, quotaView, quantiles, scrapes, maxClientSoftware },
    disk: () => disk,
    otherSoftware: () => otherSoftwareConnections({ ...sources, maxClientSoftware }),
  })
  const prepare = async (slices: Slices): Promise<void> => {
    quantiles.refresh(quantileRecorders(sources.requests))
    // A file system that cannot be looked at has no size to show; writing to it tells what is wrong.
    disk = await space().catch(() => null)
    quotaView.refresh()
    await topicView.refresh(slices)
    await groupsView.refresh(slices)
  }
  return createMetricsEndpoint({
    families: families.filter(
      ({ dialect = 'own' }) => dialect === 'own' || settings.dialects.includes(dialect),
    ),
    clock,
    timers,
    prepare: shared(prepare),
    onScraped: (tookMs) => {
      scrapes.count++
      scrapes.lastMs = tookMs
    },
  })
}

/** Calls that come while one is under way get what that one gives. */
function shared(action: (slices: Slices) => Promise<void>): (slices: Slices) => Promise<void> {
  let running: Promise<void> | undefined
  return (slices) => {
    running ??= action(slices).finally(() => {
      running = undefined
    })
    return running
  }
}
