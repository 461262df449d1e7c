import { performance } from 'node:perf_hooks'
import type { ClientTable } from '../../network/index.ts'
import type { AccessControl } from '../../security/index.ts'
import type { Family, Sample } from '../family.ts'
import type { GroupsView } from '../view/group-view.ts'
import type { QuotaView } from '../view/quota-view.ts'
import type { TopicView } from '../view/topic-view.ts'
import { numberFamily } from './number-family.ts'

/** What the endpoint counts of itself. */
export interface ScrapeCounts {
  count: number
  lastMs: number
}

interface OwnSources {
  readonly version: string
  readonly scrapes: ScrapeCounts
  readonly access: Pick<AccessControl, 'denials'>
  readonly topicView: TopicView
  readonly groupsView: GroupsView
  readonly quotaView: QuotaView
  readonly clients: ClientTable
  readonly otherSoftware: () => number
  /** The file system of the data, as of this scrape; null when it could not be looked at. */
  readonly disk: () => { readonly totalBytes: number; readonly freeBytes: number } | null
}

const MOVED_BY = 'test/e2e/metrics.test.ts'

/** The process, its disk, denials, and what the metrics say of themselves. */
export function ownFamilies(sources: OwnSources): readonly Family[] {
  return [
    {
      name: 'glasslog_build_info',
      type: 'gauge',
      help: 'What runs.',
      labels: ['version', 'node_version'],
      movedBy: MOVED_BY,
      constant: 'It says what runs in its labels.',
      samples: () => [
        { labels: { version: sources.version, node_version: process.versions.node }, value: 1 },
      ],
    },
    number(
      'glasslog_event_loop_active_seconds_total',
      'counter',
      'Time in which the event loop was busy; its rate is the share of one core that serves clients.',
      () => performance.eventLoopUtilization().active / 1000,
    ),
    diskFamily(sources, 'size', 'Size of the file system of the data.', (disk) => disk.totalBytes),
    diskFamily(
      sources,
      'free',
      'Free space in the file system of the data.',
      (disk) => disk.freeBytes,
    ),
    {
      name: 'glasslog_denials_total',
      type: 'counter',
      help: 'Requests of Kafka clients that were refused because they may not, by operation and kind of resource.',
      labels: ['operation', 'resource'],
      movedBy: 'test/e2e/security.test.ts',
      *samples(): Iterable<Sample> {
        for (const { operation, resource, count } of sources.access.denials) {
          yield { labels: { operation, resource }, value: count }
        }
      },
    },
    number(
      'glasslog_scrapes_total',
      'counter',
      'Scrapes that were read to their end.',
      () => sources.scrapes.count,
    ),
    number(
      'glasslog_scrape_duration_seconds',
      'gauge',
      'How long the last scrape took, to the last byte that its reader took.',
      () => sources.scrapes.lastMs / 1000,
    ),
    {
      name: 'glasslog_label_overflows',
      type: 'gauge',
      help: 'What is counted together under _other because a bound is reached: topics, groups, partitions of groups, connections of clients, clients under a quota.',
      labels: ['label'],
      movedBy: 'broker/telemetry/bounds.test.ts',
      samples: () => overflows(sources),
    },
  ]
}

function overflows({
  topicView,
  groupsView,
  quotaView,
  clients,
  otherSoftware,
}: OwnSources): Sample[] {
  const of = (label: string, value: number): Sample => ({ labels: { label }, value })
  return [
    of('topic', topicView.otherCount),
    of('group', groupsView.otherCount),
    of('group_partition', groupsView.otherPartitionCount),
    of('client_id', clients.others.connections),
    of('software', otherSoftware()),
    of('quota_client', quotaView.otherCount),
  ]
}

function diskFamily(
  { disk }: OwnSources,
  what: 'size' | 'free',
  help: string,
  read: (disk: { readonly totalBytes: number; readonly freeBytes: number }) => number,
): Family {
  return {
    ...{ name: `glasslog_disk_${what}_bytes`, type: 'gauge', help, labels: [], movedBy: MOVED_BY },
    *samples(): Iterable<Sample> {
      const space = disk()
      if (space) yield { labels: {}, value: read(space) }
    },
  }
}

function number(name: string, type: 'counter' | 'gauge', help: string, read: () => number): Family {
  return numberFamily({ name, type, help, movedBy: MOVED_BY }, read)
}
