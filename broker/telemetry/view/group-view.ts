import type { Clock } from '../../../kit/index.ts'
import type { ControlPlane } from '../../control/index.ts'
import type { GroupCoordinator, GroupView } from '../../groups/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import { MAX_LABEL_LENGTH, OTHER } from '../settings.ts'
import type { Slices } from '../slices.ts'
import { AppendAges } from './append-age.ts'
import type { LagRow, MeasuredRow, TopicSum } from './group-topic.ts'
import { GroupTopic } from './group-topic.ts'

interface GroupSources {
  readonly control: Pick<ControlPlane, 'state'>
  readonly groups: Pick<GroupCoordinator, 'list'>
  readonly log: Pick<LogStore, 'find' | 'batchAt'>
}

/** The clock is looked at once in so many partitions of a group. */
const PARTITIONS_PER_LOOK = 64

interface GroupLimits {
  readonly maxGroups: number
  readonly maxGroupPartitions: number
}

/** The groups that have series of their own, and their lag, as of the last scrape. */
export class GroupsView {
  readonly #sources: GroupSources
  readonly #limits: GroupLimits
  readonly #clock: Clock
  readonly #ages: AppendAges<MeasuredRow>
  /** With series of their own. */
  groups: readonly GroupView[] = []
  /** All there are. */
  groupCount = 0
  rows: readonly LagRow[] = []
  sums: readonly TopicSum[] = []
  /** What `rows` and `sums` are of, by group and topic; the next scrape writes into the same objects. */
  #ofTopics = new Map<string, GroupTopic>()
  /** Partitions of groups beyond the bound. */
  otherPartitionCount = 0

  constructor(sources: GroupSources, limits: GroupLimits, clock: Clock) {
    this.#sources = sources
    this.#limits = limits
    this.#clock = clock
    this.#ages = new AppendAges(sources.log, clock)
  }

  get otherCount(): number {
    return this.groupCount - this.groups.length
  }

  async refresh(slices: Slices): Promise<void> {
    await this.#measure(slices)
    for (const { asker, log, offset } of await this.#ages.lookUp(slices)) {
      this.#measureAge(asker, log, offset)
    }
  }

  async #measure(slices: Slices): Promise<void> {
    const { groups } = this.#sources.groups.list()
    const rows: LagRow[] = []
    const ofTopics = new Map<string, GroupTopic>()
    const own: GroupView[] = []
    let others = 0
    for (const group of groups) {
      // An id may have 32 KB, and would be in each series of the group.
      const isShort = group.groupId.length <= MAX_LABEL_LENGTH
      const isOwn = isShort && own.length < this.#limits.maxGroups
      if (isOwn) own.push(group)
      for (const [topic, partitions] of group.offsets) {
        const id = this.#sources.control.state.topics.get(topic)?.id
        if (id === undefined) continue
        const of = this.#groupTopic(ofTopics, isOwn ? group.groupId : OTHER, topic)
        if (isOwn) of.keepOnly(partitions)
        let count = 0
        let committedOffsets = 0
        let records = 0
        for (const [partition, { offset }] of partitions) {
          if (++count % PARTITIONS_PER_LOOK === 0 && slices.isOver) await slices.pause()
          const log = this.#sources.log.find(id, partition)
          if (!log || offset < 0) continue
          committedOffsets += offset
          records += waitingIn(log, offset)
          if (isOwn && rows.length < this.#limits.maxGroupPartitions) {
            rows.push(this.#measureRow(of.row(partition), log, offset))
          } else if (isOwn) others++
        }
        // In one go: a slower scrape may read sums in a pause, and is never to see a part of one.
        of.committedOffsets = committedOffsets + (isOwn ? 0 : of.committedOffsets)
        of.records = records + (isOwn ? 0 : of.records)
        if (slices.isOver) await slices.pause()
      }
    }
    this.groups = own
    this.groupCount = groups.length
    this.rows = rows
    this.sums = [...ofTopics.values()]
    this.#ofTopics = ofTopics
    this.otherPartitionCount = others
  }

  #groupTopic(ofTopics: Map<string, GroupTopic>, group: string, topic: string): GroupTopic {
    const key = `${group}\n${topic}`
    const met = ofTopics.get(key)
    if (met) return met
    // Others are counted together with pauses in between, in which a slower scrape may still read the last sum.
    const before = group === OTHER ? undefined : this.#ofTopics.get(key)
    const of = before ?? new GroupTopic(group, topic)
    ofTopics.set(key, of)
    return of
  }

  #measureRow(row: MeasuredRow, log: PartitionLog, committedOffset: number): LagRow {
    row.committedOffset = committedOffset
    row.records = waitingIn(log, committedOffset)
    const next = Math.max(committedOffset, log.logStartOffset)
    row.bytes = row.records === 0 ? 0 : log.bytesFrom(next)
    if (row.records > 0) {
      this.#measureAge(row, log, next)
    } else {
      row.seconds = 0
      row.retentionLeftSeconds = Number.NaN
      row.retentionLeftRatio = Number.NaN
    }
    return row
  }

  /** Of a row of which records from `offset` on wait. */
  #measureAge(row: MeasuredRow, log: PartitionLog, offset: number): void {
    const ageMs = Math.max(0, this.#clock.now() - this.#ages.appendedAtMs(row, log, offset))
    row.seconds = ageMs / 1000
    measureLeft(row, log, ageMs)
  }
}

/** Records that retention already took are not work that waits. */
function waitingIn(log: PartitionLog, committedOffset: number): number {
  return Math.max(0, log.highWatermark - Math.max(committedOffset, log.logStartOffset))
}

/** What retention leaves of what waits. It takes whole segments, so records may stay longer than this. */
function measureLeft(row: MeasuredRow, log: PartitionLog, ageMs: number): void {
  const { cleanup, retentionMs, retentionBytes } = log.config
  const isTimed = cleanup.delete && retentionMs >= 0
  const isSized = cleanup.delete && retentionBytes >= 0
  const leftMs = Math.max(0, retentionMs - ageMs)
  const leftBytes = Math.max(0, retentionBytes - row.bytes)
  const ofTime = isTimed ? leftMs / Math.max(1, retentionMs) : 1
  const ofSize = isSized ? leftBytes / Math.max(1, retentionBytes) : 1
  row.retentionLeftSeconds = isTimed ? leftMs / 1000 : Number.NaN
  row.retentionLeftRatio = isTimed || isSized ? Math.min(ofTime, ofSize) : Number.NaN
}
