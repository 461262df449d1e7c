import type { LabelText } from '../family.ts'
import { joinLabels, labelText } from '../family.ts'
import type { AppendAsker, AppendFinding } from './append-age.ts'

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
  /** Until retention takes the oldest record that is not committed; NaN where it does not, or nothing waits. */
  readonly retentionLeftSeconds: number
  readonly retentionLeftRatio: number
}

/** What a group has committed of a topic, and what is left. */
export interface TopicSum {
  readonly group: string
  readonly topic: string
  readonly committedOffsets: number
  readonly records: number
}

/**
 * A row that is written anew at each scrape: ten thousand new ones each time would be much garbage that lives long. A
 * class, whose numbers V8 keeps in their places: those of an object literal with spreads were new objects at each scrape.
 */
export class MeasuredRow implements LagRow, AppendAsker {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly consumerLabels: LabelText
  readonly labels: LabelText
  committedOffset = 0
  records = 0
  bytes = 0
  seconds = 0
  retentionLeftSeconds = Number.NaN
  retentionLeftRatio = Number.NaN
  finding: AppendFinding | null = null

  constructor(of: RowLabels, partition: number) {
    const number = labelText({ partition })
    this.group = of.group
    this.topic = of.topic
    this.partition = partition
    this.consumerLabels = joinLabels(of.consumerLabels, number)
    this.labels = joinLabels(of.labels, number)
  }
}

/** What the rows of a group and topic have in common. */
interface RowLabels {
  readonly group: string
  readonly topic: string
  readonly consumerLabels: LabelText
  readonly labels: LabelText
}

/** A group's sums over one topic, and its rows, whose labels are made once. */
export class GroupTopic implements TopicSum {
  readonly group: string
  readonly topic: string
  committedOffsets = 0
  records = 0
  readonly #labels: RowLabels
  readonly #rows = new Map<number, MeasuredRow>()

  constructor(group: string, topic: string) {
    this.group = group
    this.topic = topic
    const rest = labelText({ topic })
    this.#labels = {
      ...{ group, topic },
      consumerLabels: joinLabels(labelText({ consumergroup: group }), rest),
      labels: joinLabels(labelText({ group }), rest),
    }
  }

  row(partition: number): MeasuredRow {
    const known = this.#rows.get(partition)
    if (known) return known
    const row = new MeasuredRow(this.#labels, partition)
    this.#rows.set(partition, row)
    return row
  }

  /** Forgets rows of partitions of which the group has committed nothing any more. */
  keepOnly(partitions: ReadonlyMap<number, unknown>): void {
    if (this.#rows.size <= partitions.size) return
    for (const partition of this.#rows.keys()) {
      if (!partitions.has(partition)) this.#rows.delete(partition)
    }
  }
}
