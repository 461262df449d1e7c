/** A header's key may repeat within a record; order is kept. */
export interface RecordHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/** One record of a partition, whatever format it was stored or sent in. */
export interface KafkaRecord {
  readonly offset: number
  /** Milliseconds since the Unix epoch, -1 for none; the broker's time in a batch that has LogAppendTime. */
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

/** What an encoder needs of a record; a `KafkaRecord` is one. */
export interface RecordInput {
  /** One more than the record before when left out. */
  readonly offset?: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers?: readonly RecordHeader[]
}
