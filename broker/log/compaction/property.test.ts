import { describe, expect, test } from 'vitest'
import type { Random } from '../../../kit/index.ts'
import { seededRandom } from '../../../kit/index.ts'
import { addToSequence } from '../../../protocol/index.ts'
import type { FoundRecord } from './testing.ts'
import { CompactedLog, tableOf } from './testing.ts'

const DELETE_RETENTION_MS = 30_000

interface Sent extends FoundRecord {
  readonly sentAtMs: number
  readonly producer: Producer | undefined
  outcome: 'committed' | 'open' | 'aborted'
}

interface Producer {
  readonly id: bigint
  readonly epoch: number
  readonly isTransactional: boolean
  nextSequence: number
  open: Sent[]
}

/** Random life of a compacted log, beside a list of everything that was ever sent. */
class Life {
  readonly #log: CompactedLog
  readonly #random: Random
  readonly #sent: Sent[] = []
  readonly #producers: Producer[] = [
    { id: 1n, epoch: 0, isTransactional: false, nextSequence: 0, open: [] },
    { id: 2n, epoch: 3, isTransactional: true, nextSequence: 0, open: [] },
    { id: 3n, epoch: 0, isTransactional: true, nextSequence: 0, open: [] },
  ]
  #valueCount = 0

  constructor(log: CompactedLog, random: Random) {
    this.#log = log
    this.#random = random
  }

  async step(): Promise<void> {
    const dice = this.#random.below(100)
    if (dice < 60) await this.#append()
    else if (dice < 72) await this.#endTransaction()
    else if (dice < 82) await this.#log.roll().then(() => this.#noteRoll())
    else if (dice < 90) await this.#cleanAndCompare()
    else if (dice < 94) await this.#log.checkpoint()
    else if (dice < 97) await this.#log.time.advance(20_000)
    else await this.#restart()
  }

  /** No transaction stays open, so that everything can be compared, and cleaned as often as it takes. */
  async end(): Promise<void> {
    for (const producer of this.#producers) await this.#end(producer, 'commit')
    for (let round = 0; round < 4; round++) {
      await this.#log.roll()
      this.#noteRoll()
      await this.#cleanAndCompare()
      await this.#log.time.advance(DELETE_RETENTION_MS)
    }
    await this.#restart()
    await this.#compare()
  }

  async #append(): Promise<void> {
    const producer = [undefined, ...this.#producers][this.#random.below(4)]
    const records = Array.from({ length: 1 + this.#random.below(4) }, () => ({
      key: `key-${this.#random.below(9)}`,
      value: this.#random.below(5) === 0 ? null : `value-${this.#valueCount++}`,
    }))
    const { baseOffset } = await this.#log.append(records, {
      compression: this.#random.below(3) === 0 ? 'lz4' : 'none',
      ...(producer && {
        isTransactional: producer.isTransactional,
        producer: { id: producer.id, epoch: producer.epoch, baseSequence: producer.nextSequence },
      }),
    })
    if (producer) producer.nextSequence = addToSequence(producer.nextSequence, records.length)
    const sentAtMs = this.#log.time.clock.now()
    for (const [index, record] of records.entries()) {
      const outcome = producer?.isTransactional ? 'open' : 'committed'
      const sent: Sent = { ...record, offset: baseOffset + index, sentAtMs, producer, outcome }
      this.#sent.push(sent)
      if (outcome === 'open') producer?.open.push(sent)
    }
  }

  async #endTransaction(): Promise<void> {
    const producer = this.#producers[1 + this.#random.below(2)]
    if (producer) await this.#end(producer, this.#random.below(2) === 0 ? 'abort' : 'commit')
  }

  async #end(producer: Producer, kind: 'commit' | 'abort'): Promise<void> {
    if (producer.open.length === 0) return
    await this.#log.mark(kind, producer)
    for (const sent of producer.open) sent.outcome = kind === 'abort' ? 'aborted' : 'committed'
    producer.open = []
  }

  /** Rolling appends a record of its own. */
  #noteRoll(): void {
    this.#sent.push({
      key: 'roll',
      value: 'roll',
      offset: this.#log.log.endOffset - 1,
      sentAtMs: this.#log.time.clock.now(),
      producer: undefined,
      outcome: 'committed',
    })
  }

  async #restart(): Promise<void> {
    await this.#log.close()
    await this.#log.open()
    await this.#compare()
  }

  async #cleanAndCompare(): Promise<void> {
    const { endOffset, logStartOffset } = this.#log.log
    await this.#log.clean()
    expect(this.#log.store.stats.cleaner.failedCount).toBe(0)
    expect(this.#log.log).toMatchObject({ endOffset, logStartOffset })
    await this.#compare()
  }

  async #compare(): Promise<void> {
    const { lastStableOffset, highWatermark } = this.#log.log
    const found = await this.#log.recordsFrom(0)
    const byOffset = new Map(this.#sent.map((sent) => [sent.offset, sent]))
    for (const record of found) expect(byOffset.get(record.offset)).toMatchObject(record)
    expect(found.map((record) => record.offset)).toEqual(
      found.map((record) => record.offset).sort((a, b) => a - b),
    )

    const stable = this.#sent.filter(
      (sent) => sent.outcome !== 'aborted' && sent.offset < lastStableOffset,
    )
    expect(await this.#log.table()).toEqual(tableOf(stable))
    this.#expectTombstones(found, stable)

    for (let offset = 0; offset < highWatermark; offset++) {
      const rest = found.filter((record) => record.offset >= offset)
      expect(await this.#log.recordsFrom(offset), `from ${offset}`).toEqual(rest)
    }
  }

  /** Who was away for less than delete.retention.ms learns of every deletion. */
  #expectTombstones(found: readonly FoundRecord[], stable: readonly Sent[]): void {
    const youngestMs = this.#log.time.clock.now() - DELETE_RETENTION_MS
    const latest = new Map(stable.map((sent) => [sent.key, sent]))
    const offsets = new Set(found.map((record) => record.offset))
    for (const sent of latest.values()) {
      if (sent.value !== null || sent.sentAtMs <= youngestMs) continue
      expect(offsets, `tombstone of ${sent.key}`).toContain(sent.offset)
    }
  }
}

describe('a compacted log means the same as everything that was sent', () => {
  const seeds = Array.from({ length: 12 }, (_, i) => i + 1)

  test.each(seeds)('seed %i', async (seed) => {
    const random = seededRandom(seed)
    const log = await new CompactedLog({
      config: { deleteRetentionMs: DELETE_RETENTION_MS, segmentBytes: 300 + random.below(1_500) },
      settings: { mapBytes: random.below(2) === 0 ? 24 * 4 : 24 * 1_000, bufferBytes: 200 },
    }).open()
    const life = new Life(log, random)
    for (let i = 0; i < 120; i++) await life.step()
    await life.end()
    await log.close()
  })
})
