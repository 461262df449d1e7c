import type { Clock } from '../../../kit/index.ts'
import type { ControlPlane } from '../../control/index.ts'
import type { GroupCoordinator, GroupView } from '../../groups/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import type { Slices } from '../exposition/render.ts'
import type { LabelText } from '../family.ts'
import { joinLabels, labelText } from '../family.ts'
import { MAX_LABEL_LENGTH, OTHER } from '../settings.ts'
import { AppendAges } from './append-age.ts'

/** How far one group is in one partition, as of the last scrape. */
export interface LagRow {
  readonly group: string
  readonly topic: string
  readonly partition: number
  /** `consumergroup`, `topic`, `partition`, as kafka_exporter has them. */
  readonly consumerLabels: LabelText
  /** `group`, `topic`, `partition`. */
  readonly labels: LabelText
  readonly committedOffset: number
  readonly records: number
  readonly bytes: number
  readonly seconds: number
  /** Until retention takes the oldest record that is not committed; null where it does not, or nothing waits. */
  readonly retentionLeftSeconds: number | null
  readonly retentionLeftRatio: number | null
}

/** What a group has committed of a topic, and what is left. */
export interface TopicSum {
  readonly group: string
  readonly topic: string
  committedOffsets: number
  records: number
}

interface GroupSources {
  readonly control: Pick<ControlPlane, 'state'>
  readonly groups: Pick<GroupCoordinator, 'list'>
  readonly log: Pick<LogStore, 'find' | 'batchAt'>
}

interface GroupLimits {
  readonly maxGroups: number
  readonly maxGroupPartitions: number
}

/** The groups that have series of their own, and their lag, as of the last scrape. */
export class GroupsView {
  readonly #sources: GroupSources
  readonly #limits: GroupLimits
  readonly #clock: Clock
  readonly #ages: AppendAges
  /** With series of their own. */
  groups: readonly GroupView[] = []
  /** All there are. */
  groupCount = 0
  rows: readonly LagRow[] = []
  sums: readonly TopicSum[] = []
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
    if (!this.#ages.hasWanted) return
    await this.#ages.lookUp()
    await this.#measure(slices)
  }

  async #measure(slices: Slices): Promise<void> {
    const { groups } = this.#sources.groups.list()
    const rows: LagRow[] = []
    const sums = new Map<string, TopicSum>()
    const own: GroupView[] = []
    let others = 0
    for (const group of groups) {
      // An id may have 32 KB, and would be in each series of the group.
      const isShort = group.groupId.length <= MAX_LABEL_LENGTH
      const isOwn = isShort && own.length < this.#limits.maxGroups
      if (isOwn) own.push(group)
      const name = isOwn ? group.groupId : OTHER
      for (const [topic, partitions] of group.offsets) {
        const id = this.#sources.control.state.topics.get(topic)?.id
        if (id === undefined) continue
        const sum = sumOf(sums, name, topic)
        const textOf = labelsOf(name, topic)
        for (const [partition, { offset }] of partitions) {
          const log = this.#sources.log.find(id, partition)
          if (!log || offset < 0) continue
          sum.committedOffsets += offset
          sum.records += waitingIn(log, offset)
          if (isOwn && rows.length < this.#limits.maxGroupPartitions) {
            rows.push(this.#rowOf(log, offset, textOf(partition)))
          } else if (isOwn) others++
        }
        if (slices.isOver) await slices.pause()
      }
    }
    this.groups = own
    this.groupCount = groups.length
    this.rows = rows
    this.sums = [...sums.values()]
    this.otherPartitionCount = others
  }

  #rowOf(log: PartitionLog, committedOffset: number, labels: RowLabels): LagRow {
    const records = waitingIn(log, committedOffset)
    if (records === 0) return { ...labels, ...NOTHING_WAITS, committedOffset }
    const next = Math.max(committedOffset, log.logStartOffset)
    const ageMs = Math.max(0, this.#clock.now() - this.#ages.appendedAtMs(log, next))
    const bytes = log.bytesFrom(next)
    return {
      ...labels,
      committedOffset,
      records,
      bytes,
      seconds: ageMs / 1000,
      ...leftOf(log, ageMs, bytes),
    }
  }
}

interface RowLabels {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly consumerLabels: LabelText
  readonly labels: LabelText
}

const NOTHING_WAITS = {
  records: 0,
  bytes: 0,
  seconds: 0,
  retentionLeftSeconds: null,
  retentionLeftRatio: null,
}

/** Records that retention already took are not work that waits. */
function waitingIn(log: PartitionLog, committedOffset: number): number {
  return Math.max(0, log.highWatermark - Math.max(committedOffset, log.logStartOffset))
}

/** What retention leaves of what waits. It takes whole segments, so records may stay longer than this. */
function leftOf(log: PartitionLog, ageMs: number, bytes: number) {
  const { cleanup, retentionMs, retentionBytes } = log.config
  const isTimed = cleanup.delete && retentionMs >= 0
  const isSized = cleanup.delete && retentionBytes >= 0
  const leftMs = Math.max(0, retentionMs - ageMs)
  const ofTime = isTimed ? leftMs / Math.max(1, retentionMs) : 1
  const ofSize = isSized ? Math.max(0, retentionBytes - bytes) / Math.max(1, retentionBytes) : 1
  return {
    retentionLeftSeconds: isTimed ? leftMs / 1000 : null,
    retentionLeftRatio: isTimed || isSized ? Math.min(ofTime, ofSize) : null,
  }
}

function labelsOf(group: string, topic: string): (partition: number) => RowLabels {
  const rest = labelText({ topic })
  const consumer = joinLabels(labelText({ consumergroup: group }), rest)
  const own = joinLabels(labelText({ group }), rest)
  return (partition) => {
    const number = labelText({ partition })
    return {
      ...{ group, topic, partition },
      consumerLabels: joinLabels(consumer, number),
      labels: joinLabels(own, number),
    }
  }
}

function sumOf(sums: Map<string, TopicSum>, group: string, topic: string): TopicSum {
  const key = `${group}\n${topic}`
  const known = sums.get(key)
  if (known) return known
  const sum = { group, topic, committedOffsets: 0, records: 0 }
  sums.set(key, sum)
  return sum
}
