/** A segment that is not as it was written, or cannot be read. */
export interface DamagedSegment {
  readonly topicName: string
  readonly partition: number
  readonly detail: string
}
