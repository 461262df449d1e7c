import type { Cancel, Clock, Logger, Timers } from '../../kit/index.ts'
import type { AdminClient, Group, GroupDetails, Reading, SeriesQuery } from '../cluster/index.ts'
import { inParallel, LARGEST_PAGE } from '../cluster/index.ts'
import type { GroupLag, LagMeasures, PartitionLag } from './group-lag.ts'
import { groupLag, partitionLag } from './group-lag.ts'
import type { LagRules } from './lag-status.ts'
import { DEFAULT_LAG_RULES } from './lag-status.ts'
import { PartitionHistory } from './partition-history.ts'
import { hasOnlyTransactionEnds, MAX_MARKERS } from './transaction-ends.ts'

export interface LagSources {
  readonly admin: AdminClient
  readonly query: SeriesQuery
  readonly clock: Clock
  readonly logger: Logger
}

/** Groups that are followed; those that are most behind come first. */
const MAX_GROUPS = 2_000
const MAX_REQUESTS_AT_ONCE = 8
/** Partitions that are followed, of all groups together; of those most behind first. Each takes some kilobytes. */
const MAX_PARTITIONS = 20_000
/** Partitions that are looked into at one look; the others have their turn at the next ones. */
const MAX_LOOKED_INTO = 50

interface FollowedPartition {
  readonly topic: string
  readonly partition: number
  readonly history: PartitionHistory
  /** Where the log ended, and the commit was, when it was last looked into; null before. */
  lookedInto: string | null
}

interface FollowedGroup {
  details: GroupDetails
  readonly partitions: Map<string, FollowedPartition>
}

/** Looks at all groups again and again, and says how each does on each of its partitions. */
export class LagTracker {
  readonly #sources: LagSources
  readonly #rules: LagRules
  readonly #groups = new Map<string, FollowedGroup>()
  #measures = new Map<string, LagMeasures>()
  #running: Promise<void> | null = null
  #isUnreachable = false

  constructor(sources: LagSources, rules: LagRules = DEFAULT_LAG_RULES) {
    this.#sources = sources
    this.#rules = rules
  }

  /** Looks every `periodMs`; a look that still runs is not begun again. */
  start(timers: Timers, periodMs: number): Cancel {
    return timers.every(periodMs, () => void this.#lookQuietly())
  }

  /** The groups as they are now, as far as they were seen. */
  all(): readonly GroupLag[] {
    return [...this.#groups.values()]
      .map((group) => this.#view(group))
      .sort((a, b) => b.lagRecords - a.lagRecords)
  }

  /** Null for a group that nobody knows: Burrow's NOTFOUND. */
  get(name: string): GroupLag | null {
    const group = this.#groups.get(name)
    return group === undefined ? null : this.#view(group)
  }

  /** @throws BrokerUnreachableError */
  async look(): Promise<void> {
    const { admin } = this.#sources
    const groups = await admin.list<Group>('/v1/groups?sort=lag', 'groups', LARGEST_PAGE)
    const followed = groups.slice(0, MAX_GROUPS)
    const details = await inParallel(followed, MAX_REQUESTS_AT_ONCE, ({ group }) =>
      admin.get<GroupDetails>(`/v1/groups/${encodeURIComponent(group)}`),
    )
    const nowMs = this.#sources.clock.now()
    const seen = new Set<string>()
    let left = MAX_PARTITIONS
    for (const one of details) {
      // It was deleted between the list and this.
      if (one === null) continue
      seen.add(one.group)
      this.#observe({ ...one, offsets: one.offsets.slice(0, left) }, nowMs)
      left = Math.max(0, left - one.offsets.length)
    }
    for (const name of this.#groups.keys()) if (!seen.has(name)) this.#groups.delete(name)
    await this.#lookBehindCommits()
    this.#measures = await this.#measure(nowMs)
  }

  /** What stands still just before the end of its log may have nothing to read there. Each such place is looked at once. */
  async #lookBehindCommits(): Promise<void> {
    const standing = [...this.#groups.values()]
      .flatMap(({ partitions }) => [...partitions.values()])
      .filter(({ history, lookedInto }) => {
        const lag = history.standingLag
        return lag > 0 && lag <= MAX_MARKERS && lookedInto !== placeOf(history)
      })
    await inParallel(standing.slice(0, MAX_LOOKED_INTO), MAX_REQUESTS_AT_ONCE, async (one) => {
      const { topic, partition, history } = one
      one.lookedInto = placeOf(history)
      const { committedOffset = 0, logStartOffset } = history.latest ?? {}
      const from = Math.max(committedOffset, logStartOffset ?? 0)
      const { admin } = this.#sources
      if (await hasOnlyTransactionEnds(admin, topic, partition, from)) history.noteNothingSeen()
    })
  }

  #observe(details: GroupDetails, nowMs: number): void {
    const group = this.#groups.get(details.group) ?? { details, partitions: new Map() }
    this.#groups.set(details.group, group)
    group.details = details
    const seen = new Set<string>()
    for (const offset of details.offsets) {
      const { topic, partition } = offset
      const key = `${partition} ${topic}`
      seen.add(key)
      const known = group.partitions.get(key) ?? {
        ...{ topic, partition, history: new PartitionHistory(this.#rules), lookedInto: null },
      }
      group.partitions.set(key, known)
      known.history.observe({
        atMs: nowMs,
        committedOffset: offset.offset,
        committedAtMs: Date.parse(offset.committedAt),
        logStartOffset: offset.logStartOffset,
        logEndOffset: offset.endOffset,
      })
    }
    for (const key of group.partitions.keys()) if (!seen.has(key)) group.partitions.delete(key)
  }

  async #measure(nowMs: number): Promise<Map<string, LagMeasures>> {
    const { query } = this.#sources
    const [bytes, seconds, left] = await Promise.all([
      query.instant('glasslog_group_lag_bytes', nowMs),
      query.instant('glasslog_group_lag_seconds', nowMs),
      query.instant('glasslog_group_retention_left_seconds', nowMs),
    ])
    const measures = new Map<string, LagMeasures>()
    const put = (readings: readonly Reading[], name: keyof LagMeasures): void => {
      for (const { labels, value } of readings) {
        const key = measureKey(labels.group, labels.topic, labels.partition)
        measures.set(key, { ...(measures.get(key) ?? UNMEASURED), [name]: value })
      }
    }
    put(bytes, 'lagBytes')
    put(seconds, 'lagSeconds')
    put(left, 'retentionLeftSeconds')
    return measures
  }

  #view({ details, partitions }: FollowedGroup): GroupLag {
    const nowMs = this.#sources.clock.now()
    const found: PartitionLag[] = []
    for (const { topic, partition, history } of partitions.values()) {
      const measures = this.#measures.get(measureKey(details.group, topic, partition)) ?? UNMEASURED
      const lag = partitionLag({ topic, partition }, history, measures, nowMs, this.#rules)
      if (lag !== null) found.push(lag)
    }
    return groupLag(details, found)
  }

  async #lookQuietly(): Promise<void> {
    if (this.#running !== null) return
    try {
      this.#running = this.look()
      await this.#running
      this.#isUnreachable = false
    } catch (error) {
      // Nobody waits for it: a query that takes too long, or a series that cannot be read, must not end the process.
      if (!this.#isUnreachable) this.#sources.logger.warn({ err: error }, 'groups cannot be seen')
      this.#isUnreachable = true
    } finally {
      this.#running = null
    }
  }
}

function placeOf({ latest }: PartitionHistory): string {
  return `${latest?.committedOffset} ${latest?.logEndOffset}`
}

const UNMEASURED: LagMeasures = { lagBytes: null, lagSeconds: null, retentionLeftSeconds: null }

function measureKey(
  group: string | undefined,
  topic: string | undefined,
  partition: string | number | undefined,
): string {
  return JSON.stringify([group, topic, String(partition)])
}
