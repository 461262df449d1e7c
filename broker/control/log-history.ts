import type {
  History,
  HistoryAppend,
  HistoryEntry,
  HistoryRecord,
  TakeStored,
} from '../../audit/index.ts'
import { decodeRecord, encodeRecord, HistoryError } from '../../audit/index.ts'
import {
  BatchBuilder,
  batchesIn,
  batchHeader,
  decodeRecords,
  RecordCursor,
  RecordsError,
} from '../../protocol/index.ts'
import type { AppendEntry, AppendResult, LogStore, PartitionLog } from '../log/index.ts'
import { AUDIT_PARTITION, AUDIT_TOPIC } from './audit-topic.ts'

/** Records of one call go into batches of about this size; the append is atomic over all of them. */
const BATCH_BYTES = 512 * 1024
/** Bytes of the log that one read takes at most, and for each record that is asked for. */
const READ_BYTES = 1024 * 1024
const READ_BYTES_PER_RECORD = 4096

/**
 * The history in the storage engine's `__audit`, which is created when it does not exist. A
 * record's sequence number is its offset. For a running broker, and for tools on the directory of a
 * stopped one. Throws a HistoryError when the log cannot be used.
 */
export async function openLogHistory(store: LogStore): Promise<LogHistory> {
  await store.create([AUDIT_PARTITION])
  const log = store.find(AUDIT_TOPIC.id, 0)
  if (log?.state !== 'open') throw new HistoryError(`the log of ${AUDIT_TOPIC.name} cannot be used`)
  if (log.logStartOffset !== 0) {
    throw new HistoryError(`${AUDIT_TOPIC.name} begins at offset ${log.logStartOffset}, not at 0`)
  }
  return new LogHistory(store, log)
}

/** The history, and what must become durable together with a record of it. */
export class LogHistory implements History {
  readonly #store: LogStore
  readonly #log: PartitionLog
  readonly #listeners = new Set<(entries: readonly HistoryEntry[]) => void>()

  constructor(store: LogStore, log: PartitionLog) {
    this.#store = store
    this.#log = log
  }

  get nextSeq(): number {
    return this.#log.highWatermark
  }

  /** `companions` are batches of other logs that stand or fall with the records. */
  async append(
    records: readonly HistoryRecord[],
    companions: readonly AppendEntry[] = [],
  ): Promise<HistoryAppend> {
    const [first] = records
    if (!first) return { kind: 'appended' }
    const stored = records.map((record) => ({ record, bytes: encodeRecord(record) }))
    const entries = entriesOf(this.#log, stored)
    const results = await this.#store.append([...entries, ...companions], {
      acks: 'durable',
      atomic: true,
    })
    const problem = results.slice(entries.length).find(isProblem)
    const answer = await this.#answerOf(results.slice(0, entries.length), problem, first)
    if (answer.kind === 'appended') {
      for (const listener of this.#listeners) listener(stored)
    }
    return answer
  }

  async read(fromSeq: number, limit: number): Promise<readonly HistoryEntry[]> {
    if (fromSeq >= this.nextSeq || limit < 1) return []
    return this.#withPieces(fromSeq, limit, (pieces) => entriesIn(pieces, fromSeq, limit))
  }

  async scan(fromSeq: number, limit: number, take: TakeStored): Promise<number> {
    if (fromSeq >= this.nextSeq || limit < 1) return 0
    return this.#withPieces(fromSeq, limit, (pieces) => scanPieces(pieces, fromSeq, limit, take))
  }

  /** `use` has what was read until it returns. */
  async #withPieces<Result>(
    fromSeq: number,
    limit: number,
    use: (pieces: readonly Uint8Array[]) => Result,
  ): Promise<Result> {
    const maxBytes = Math.min(READ_BYTES, limit * READ_BYTES_PER_RECORD)
    const result = await this.#store.read([{ log: this.#log, offset: fromSeq, maxBytes }], {
      maxBytes,
      atLeastOne: true,
      isolation: 'uncommitted',
    })
    try {
      const [read] = result.partitions
      if (read?.kind !== 'records') {
        throw new HistoryError(`the history cannot be read at ${fromSeq}: ${read?.kind}`)
      }
      return use(read.pieces)
    } catch (cause) {
      if (!(cause instanceof RecordsError)) throw cause
      throw new HistoryError(`the history is damaged after ${fromSeq}: ${cause.message}`, { cause })
    } finally {
      result.release()
    }
  }

  subscribe(listener: (entries: readonly HistoryEntry[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #answerOf(
    results: readonly AppendResult[],
    companionProblem: AppendResult | undefined,
    first: HistoryRecord,
  ): Promise<HistoryAppend> {
    const problem = results.find(isProblem)
    if (!problem && companionProblem && companionProblem.kind !== 'failed') {
      return { kind: 'refused', reason: `another log changed meanwhile: ${companionProblem.kind}` }
    }
    const cause = problem ?? companionProblem
    if (!cause) return { kind: 'appended' }
    if (cause.kind === 'unexpected-offset') {
      return { kind: 'unexpected-seq', nextSeq: cause.endOffset }
    }
    if (cause.kind !== 'failed') return { kind: 'refused', reason: cause.kind }
    if (cause.reason !== 'unknown-outcome') return { kind: 'refused', reason: cause.reason }
    return this.#lookUp(first)
  }

  /** The append is atomic, so its first record tells of all of them. */
  async #lookUp(first: HistoryRecord): Promise<HistoryAppend> {
    try {
      if (this.nextSeq <= first.seq) return { kind: 'unknown', reason: 'unknown-outcome' }
      const [entry] = await this.read(first.seq, 1)
      if (entry?.record.id === first.id) return { kind: 'appended' }
      return { kind: 'unexpected-seq', nextSeq: this.nextSeq }
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error
      return { kind: 'unknown', reason: error.message }
    }
  }
}

/** What kept an append from being done; the others of it were only refused along with it. */
function isProblem({ kind }: AppendResult): boolean {
  return kind !== 'appended' && kind !== 'refused-with-others'
}

function entriesOf(log: PartitionLog, stored: readonly HistoryEntry[]): AppendEntry[] {
  const entries: AppendEntry[] = []
  let builder = new BatchBuilder()
  let expectedOffset = stored[0]?.record.seq ?? 0
  const close = (): void => {
    entries.push({ log, batch: builder.build(), expectedOffset })
    expectedOffset += builder.recordCount
    builder = new BatchBuilder()
  }
  for (const { record, bytes } of stored) {
    builder.append({
      timestampMs: Date.parse(record.recordedAt),
      key: Buffer.from(`${record.resource.kind}:${record.resource.name}`),
      value: bytes,
    })
    if (builder.sizeBytes >= BATCH_BYTES) close()
  }
  if (builder.recordCount > 0) close()
  return entries
}

const EMPTY = new Uint8Array(0)

/**
 * The bytes are copied, a batch at once: what was read belongs to the engine again after the
 * release, and a million small arrays would leave the process's memory in pieces.
 */
function entriesIn(
  pieces: readonly Uint8Array[],
  fromSeq: number,
  limit: number,
): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = []
  for (const piece of pieces) {
    for (const batch of batchesIn(piece)) {
      checkSum(batch)
      for (const { offset, value } of decodeRecords(Buffer.from(batch))) {
        if (offset < fromSeq) continue
        if (entries.length === limit) return entries
        const seq = fromSeq + entries.length
        checkOrder(offset, seq)
        const bytes = value ?? EMPTY
        entries.push({ record: decodeRecord(bytes, seq), bytes })
      }
    }
  }
  return entries
}

/** The same without a copy and without an object for each. Answers how many there were. */
function scanPieces(
  pieces: readonly Uint8Array[],
  fromSeq: number,
  limit: number,
  take: TakeStored,
): number {
  let seq = fromSeq
  for (const piece of pieces) {
    for (const batch of batchesIn(piece)) {
      checkSum(batch)
      const cursor = new RecordCursor(batch)
      while (cursor.next()) {
        if (cursor.offset < fromSeq) continue
        if (seq === fromSeq + limit) return limit
        checkOrder(cursor.offset, seq)
        take(cursor.value() ?? EMPTY, seq++)
      }
    }
  }
  return seq - fromSeq
}

function checkSum(batch: Uint8Array): void {
  if (batchHeader.computeCrc(batch) === batchHeader.crc(batch)) return
  throw new RecordsError('corrupt', 'a batch does not have its checksum')
}

function checkOrder(offset: number, seq: number): void {
  if (offset === seq) return
  throw new HistoryError(`the history has a gap: after ${seq - 1} comes ${offset}`)
}
