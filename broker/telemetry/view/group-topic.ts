import type { LabelText } from '../family.ts'
import { joinLabels, labelText } from '../family.ts'
import type { AppendAsker } from './append-age.ts'

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

/** A row that is written anew at each scrape: ten thousand new ones each time would be much garbage that lives long. */
export type MeasuredRow = { -readonly [Field in keyof LagRow]: LagRow[Field] } & AppendAsker

/** A group's sums over one topic, and its rows, whose labels are made once. */
export class GroupTopic implements TopicSum {
  readonly group: string
  readonly topic: string
  committedOffsets = 0
  records = 0
  readonly #consumerLabels: LabelText
  readonly #labels: LabelText
  readonly #rows = new Map<number, MeasuredRow>()

  constructor(group: string, topic: string) {
    this.group = group
    this.topic = topic
    const rest = labelText({ topic })
    this.#consumerLabels = joinLabels(labelText({ consumergroup: group }), rest)
    this.#labels = joinLabels(labelText({ group }), rest)
  }

  row(partition: number): MeasuredRow {
    const known = this.#rows.get(partition)
    if (known) return known
    const row = this.#newRow(partition)
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

  #newRow(partition: number): MeasuredRow {
    const { group, topic } = this
    const number = labelText({ partition })
    return {
      ...{ group, topic, partition },
      consumerLabels: joinLabels(this.#consumerLabels, number),
      labels: joinLabels(this.#labels, number),
      ...{ committedOffset: 0, records: 0, bytes: 0, seconds: 0 },
      finding: null,
      ...{ retentionLeftSeconds: Number.NaN, retentionLeftRatio: Number.NaN },
    }
  }
}
