import type { Family, FamilySample } from './family.ts'
import type { MonitorStats } from './monitor-stats.ts'

/** A group of rules, as far as its numbers go. */
export interface MeasuredGroup {
  readonly name: string
  readonly evaluations: number
  readonly failures: number
  readonly missed: number
  readonly durationMs: number
  readonly intervalMs: number
  readonly evaluatedAtMs: number | null
  readonly pending: number
  readonly firing: number
}

/** Where the numbers are. All of it is read when somebody scrapes. */
export interface MonitorMetricSources {
  readonly stats: MonitorStats
  readonly groups: () => readonly MeasuredGroup[]
  readonly store: {
    readonly seriesCount: number
    readonly refusedSeries: number
    readonly appendedSamples: number
    readonly blockBytes: number
    readonly failures: number
  }
  readonly queries: { readonly running: number; readonly waiting: number }
  readonly pipeline: { readonly waitingCount: number }
  /** Null before the disk was looked at. */
  readonly disk: () => MeasuredDisk | null
  /** What the broker's history has yet to hear of. */
  readonly outbox: { readonly waitingCount: number }
}

export interface MeasuredDisk {
  readonly usedBytes: number
  readonly availableBytes: number
  /** Null when that is not foreseeable. */
  readonly fullAtMs: number | null
}

const MOVED_BY = 'monitor/monitor-families.test.ts'

/** What the monitor tells of itself at `/metrics` of the console port. */
export function monitorFamilies(sources: MonitorMetricSources): readonly Family[] {
  return [
    ...scrapeFamilies(sources),
    ...ruleFamilies(sources),
    ...seriesFamilies(sources),
    ...queryFamilies(sources),
    ...notificationFamilies(sources),
    ...diskFamilies(sources),
  ]
}

/** The families without a monitor behind them, for docs: names, types and help, never samples. */
export function listMonitorFamilies(): readonly Omit<Family, 'samples'>[] {
  // A family looks at its sources only when it is sampled.
  return monitorFamilies({} as MonitorMetricSources)
}

function simple(
  type: 'counter' | 'gauge',
  name: string,
  labels: readonly string[],
  help: string,
  samples: () => Iterable<FamilySample>,
): Family {
  return { type, name, labels, help, samples, movedBy: MOVED_BY }
}

function scrapeFamilies(sources: MonitorMetricSources): readonly Family[] {
  return [
    simple(
      'counter',
      'glasslog_monitor_scrapes_total',
      ['job', 'result'],
      'Scrapes by job and result: ok or failed.',
      () => sources.stats.scrapes.samples(),
    ),
    simple(
      'counter',
      'glasslog_monitor_scrape_samples_total',
      ['job'],
      'Samples that scrapes brought.',
      () => sources.stats.scrapedSamples.samples(),
    ),
  ]
}

function ruleFamilies({ groups, stats }: MonitorMetricSources): readonly Family[] {
  const ofGroups = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    read: (group: MeasuredGroup) => number,
  ) =>
    simple(type, name, ['group'], help, () =>
      groups().map((group) => ({ labels: { group: group.name }, value: read(group) })),
    )
  return [
    ofGroups(
      'counter',
      'glasslog_monitor_rule_evaluations_total',
      'Evaluations of rules, by group.',
      ({ evaluations }) => evaluations,
    ),
    ofGroups(
      'counter',
      'glasslog_monitor_rule_evaluation_failures_total',
      'Evaluations of rules that ended with an error; /api/v1/rules has it.',
      ({ failures }) => failures,
    ),
    ofGroups(
      'counter',
      'glasslog_monitor_rule_group_missed_total',
      'Evaluations of a group that were due while another one still ran.',
      ({ missed }) => missed,
    ),
    ofGroups(
      'gauge',
      'glasslog_monitor_rule_group_duration_seconds',
      'How long the last evaluation of a group took.',
      ({ durationMs }) => durationMs / 1000,
    ),
    ofGroups(
      'gauge',
      'glasslog_monitor_rule_group_interval_seconds',
      'How often a group is evaluated.',
      ({ intervalMs }) => intervalMs / 1000,
    ),
    ofGroups(
      'gauge',
      'glasslog_monitor_rule_group_evaluated_timestamp_seconds',
      'When a group was evaluated last; 0 before the first time.',
      ({ evaluatedAtMs }) => (evaluatedAtMs ?? 0) / 1000,
    ),
    simple(
      'gauge',
      'glasslog_monitor_rules_last_load_successful',
      ['source'],
      'Whether the newest version of a source of rules or routes is in force: files, broker, alerting. 0 leaves the one before in force.',
      () =>
        [...stats.loads].map(([source, isGood]) => ({
          labels: { source },
          value: isGood ? 1 : 0,
        })),
    ),
    simple('gauge', 'glasslog_monitor_alerts', ['state'], 'Alerts of all rules, by state.', () => [
      { labels: { state: 'pending' }, value: sum(groups(), ({ pending }) => pending) },
      { labels: { state: 'firing' }, value: sum(groups(), ({ firing }) => firing) },
    ]),
  ]
}

function sum(groups: readonly MeasuredGroup[], read: (group: MeasuredGroup) => number): number {
  return groups.reduce((total, group) => total + read(group), 0)
}

function seriesFamilies(sources: MonitorMetricSources): readonly Family[] {
  const one = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    read: (store: MonitorMetricSources['store']) => number,
  ) => simple(type, name, [], help, () => [{ labels: {}, value: read(sources.store) }])
  return [
    one('gauge', 'glasslog_monitor_series', 'Series in memory.', ({ seriesCount }) => seriesCount),
    one(
      'counter',
      'glasslog_monitor_series_refused_total',
      'Samples of series that were not taken in because there were too many series.',
      ({ refusedSeries }) => refusedSeries,
    ),
    one(
      'counter',
      'glasslog_monitor_samples_appended_total',
      'Samples taken in, those of rules too.',
      ({ appendedSamples }) => appendedSamples,
    ),
    one(
      'gauge',
      'glasslog_monitor_series_blocks_bytes',
      'Bytes of series in blocks on disk.',
      ({ blockBytes }) => blockBytes,
    ),
    one(
      'counter',
      'glasslog_monitor_series_failures_total',
      'Times that series could not be written to disk.',
      ({ failures }) => failures,
    ),
  ]
}

function queryFamilies(sources: MonitorMetricSources): readonly Family[] {
  const { stats } = sources
  return [
    simple(
      'counter',
      'glasslog_monitor_queries_total',
      ['result'],
      'Queries over HTTP by result: ok, failed (wrong, or too big), timeout, rejected because too many wait, or canceled because the client went away.',
      () => stats.queries.samples(),
    ),
    {
      type: 'histogram',
      name: 'glasslog_monitor_query_duration_seconds',
      labels: [],
      help: 'Queries over HTTP, with the time that they waited for their turn.',
      movedBy: MOVED_BY,
      samples: () => stats.queryDurations.samples(),
    },
    simple(
      'gauge',
      'glasslog_monitor_queries_running',
      [],
      'Queries that are being evaluated.',
      () => [{ labels: {}, value: sources.queries.running }],
    ),
    simple(
      'gauge',
      'glasslog_monitor_queries_waiting',
      [],
      'Queries that wait for their turn.',
      () => [{ labels: {}, value: sources.queries.waiting }],
    ),
  ]
}

function notificationFamilies(sources: MonitorMetricSources): readonly Family[] {
  const { stats } = sources
  return [
    simple(
      'counter',
      'glasslog_monitor_notifications_total',
      ['receiver', 'integration', 'result'],
      'Attempts to deliver notifications by what came of them: delivered, failing (tried again), gave-up.',
      () => stats.notifications.samples(),
    ),
    {
      type: 'histogram',
      name: 'glasslog_monitor_notification_delay_seconds',
      labels: ['receiver', 'integration'],
      help: 'From the moment when a notification was due until it was delivered.',
      movedBy: MOVED_BY,
      samples: () => stats.notificationDelays.samples(),
    },
    simple(
      'gauge',
      'glasslog_monitor_notifications_waiting',
      [],
      'Notifications that are due and were not delivered yet.',
      () => [{ labels: {}, value: sources.pipeline.waitingCount }],
    ),
  ]
}

function diskFamilies({ disk, outbox }: MonitorMetricSources): readonly Family[] {
  const one = (
    name: string,
    help: string,
    read: (disk: MeasuredDisk | typeof NO_DISK) => number | null,
  ) =>
    simple('gauge', name, [], help, () => {
      const value = read(disk() ?? NO_DISK)
      return value === null ? [] : [{ labels: {}, value }]
    })
  return [
    one(
      'glasslog_monitor_disk_used_bytes',
      'What records and the journal of the broker take of its disk.',
      ({ usedBytes }) => usedBytes,
    ),
    one(
      'glasslog_monitor_disk_available_bytes',
      'What the broker could take of its disk at most, as things are.',
      ({ availableBytes }) => availableBytes,
    ),
    one(
      'glasslog_monitor_disk_full_timestamp_seconds',
      'When the disk will be full, by a line through what was in use of late; absent while that is not foreseeable.',
      ({ fullAtMs }) => fullAtMs && fullAtMs / 1000,
    ),
    simple(
      'gauge',
      'glasslog_monitor_history_waiting',
      [],
      "Operations that wait for the broker's history: silences, tickets and the like while it is away.",
      () => [{ labels: {}, value: outbox.waitingCount }],
    ),
  ]
}

/** A disk that nobody has looked at has no numbers. */
const NO_DISK = { usedBytes: null, availableBytes: null, fullAtMs: null } as const
