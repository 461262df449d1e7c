import assert from 'node:assert/strict'
import { baseTimeMs, recordCount } from './interop.ts'

/** Partitions of a round-trip topic: record i goes to partition `i % 3`. */
export const roundTripPartitions = 3

/** Record number i as every client of this suite writes it, whatever its language. */
export type ExpectedRecord = {
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly partition: number
  readonly timestampMs: number
}

/** A record as a client read it. What the client cannot show is left out and not checked. */
export type ReadRecord = {
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly timestampMs?: number
  readonly headers?: Readonly<Record<string, string>>
}

export function expectedRecord(i: number): ExpectedRecord {
  return {
    key: i % 10 === 0 ? null : `key-${i % 97}`,
    // Never together with a null key, as some clients refuse a record without both.
    value: i % 20 === 5 ? null : `value-é-${i}-${'x'.repeat((i * 7) % 200)}`,
    headers: i % 5 === 0 ? { i: String(i), empty: '' } : { i: String(i) },
    partition: i % roundTripPartitions,
    timestampMs: baseTimeMs + i,
  }
}

/**
 * Checks a whole round-trip topic, record by record as they arrive: content, order within each
 * partition, and the count.
 */
export class RoundTripCheck {
  private readonly topic: string
  private readonly format: number
  private readonly nextOffsets: number[] = new Array(roundTripPartitions).fill(0)
  private count = 0

  /** `format` is the message format of the writer: 0 has no timestamps, 1 no headers, 2 has both. */
  constructor(topic: string, format: number) {
    this.topic = topic
    this.format = format
  }

  add(record: ReadRecord): void {
    const where = `${this.topic}-${record.partition}@${record.offset}`
    assert.equal(record.offset, this.nextOffsets[record.partition], `${where}: next offset`)
    this.nextOffsets[record.partition] = record.offset + 1
    const expected = expectedRecord(record.offset * roundTripPartitions + record.partition)
    assert.equal(record.key, expected.key, `${where}: key`)
    assert.equal(record.value, expected.value, `${where}: value`)
    if (this.format >= 1 && record.timestampMs !== undefined)
      assert.equal(record.timestampMs, expected.timestampMs, `${where}: timestamp`)
    if (this.format >= 2 && record.headers !== undefined)
      assert.deepEqual(record.headers, expected.headers, `${where}: headers`)
    this.count += 1
  }

  get isComplete(): boolean {
    return this.count >= recordCount
  }

  finish(): void {
    assert.equal(this.count, recordCount, `${this.topic}: records`)
  }
}
