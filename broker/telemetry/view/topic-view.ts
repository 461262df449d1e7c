import type { Uuid } from '../../../kit/index.ts'
import type { Topic } from '../../control/index.ts'
import type { LogStore, PartitionLog } from '../../log/index.ts'
import type { LabelText } from '../family.ts'
import { joinLabels, labelText } from '../family.ts'
import type { Slices } from '../slices.ts'

/** A partition and the labels of its series. */
export interface PartitionRow {
  readonly log: PartitionLog
  readonly labels: LabelText
}

interface TopicRow {
  readonly topic: Topic
  readonly labels: LabelText
  readonly partitions: readonly PartitionRow[]
}

interface TopicSources {
  readonly control: {
    readonly state: {
      readonly topics: ReadonlyMap<string, Topic>
    }
  }
  readonly log: Pick<LogStore, 'find'>
}

/** The topics that have series of their own, with their partitions, as of the last scrape. */
export class TopicView {
  readonly #sources: TopicSources
  readonly #maxTopics: number
  #rows = new Map<Uuid, TopicRow>()
  #partitions: readonly PartitionRow[] = []

  constructor(sources: TopicSources, maxTopics: number) {
    this.#sources = sources
    this.#maxTopics = maxTopics
  }

  get topics(): Iterable<TopicRow> {
    return this.#rows.values()
  }

  /** Topics beyond the bound. */
  get otherCount(): number {
    return Math.max(0, this.#sources.control.state.topics.size - this.#rows.size)
  }

  /** Labels of a topic; undefined of one beyond the bound, or of one that is not there. */
  labelsOf(topicId: Uuid): LabelText | undefined {
    return this.#rows.get(topicId)?.labels
  }

  /** Of all topics, one after the other: many families go through all of them. */
  partitions(): readonly PartitionRow[] {
    return this.#partitions
  }

  /** Looks at what there is. Rows and their labels are made anew only for what is. */
  async refresh(slices: Slices): Promise<void> {
    const { state } = this.#sources.control
    const before = this.#rows
    const rows = new Map<Uuid, TopicRow>()
    const partitions: PartitionRow[] = []
    for (const topic of [...state.topics.values()].slice(0, this.#maxTopics)) {
      const row = this.#rowOf(topic, before.get(topic.id))
      rows.set(topic.id, row)
      for (const one of row.partitions) partitions.push(one)
      if (slices.isOver) await slices.pause()
    }
    this.#rows = rows
    this.#partitions = partitions
  }

  #rowOf(topic: Topic, before: TopicRow | undefined): TopicRow {
    if (before && this.#isStill(before, topic)) return before
    const labels = before?.labels ?? labelText({ topic: topic.name })
    const partitions: PartitionRow[] = []
    for (let number = 0; number < topic.partitionCount; number++) {
      const log = this.#sources.log.find(topic.id, number)
      if (!log) continue
      const known = before?.partitions[partitions.length]
      if (known?.log === log) partitions.push(known)
      else partitions.push({ log, labels: joinLabels(labels, labelText({ partition: number })) })
    }
    return { topic, labels, partitions }
  }

  #isStill({ topic, partitions }: TopicRow, now: Topic): boolean {
    if (topic !== now || partitions.length !== now.partitionCount) return false
    return partitions.every(({ log }, number) => this.#sources.log.find(now.id, number) === log)
  }
}
