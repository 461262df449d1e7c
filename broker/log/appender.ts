import type { Clock } from '../../kit/index.ts'
import {
  baseSequence,
  batchSizeBytes,
  hasProducerId,
  isControl,
  lastOffsetDelta,
  setBaseOffset,
  setLeaderEpoch,
  setLogAppendTime,
} from './batch.ts'
import { ENTRY_KIND, frameSizeBytes, payloadStart, putFrameEntry } from './journal/frame.ts'
import type { Journal } from './journal/journal.ts'
import type { Arena } from './memory/arena.ts'
import { Partition } from './partition/partition.ts'
import { producerKeyOf } from './partition/producer-key.ts'
import type { Producer } from './partition/producer-table.ts'
import { cloneProducer } from './partition/producer-table.ts'
import type { TransactionState } from './partition/transaction-index.ts'
import { PendingFrame, withUnknownOutcome } from './pending-frame.ts'
import type { AppendEntry, AppendOptions, AppendResult } from './port.ts'
import type { Flusher } from './segments/flusher.ts'

export interface AppenderOptions {
  readonly arena: Arena
  readonly journal: Journal<PendingFrame>
  readonly flusher: Flusher
  readonly clock: Clock
  /** Whether appends to ordinary logs are refused for want of disk space. */
  readonly isFull: () => boolean
}

/** What must be put back when an atomic append is refused. */
interface Undo {
  readonly partition: Partition
  readonly endOffset: number
  readonly producerKey: number | bigint | undefined
  readonly producer: Producer | undefined
  readonly transactions: TransactionState | undefined
}

const OUT_OF_ORDER: AppendResult = { kind: 'out-of-order-sequence' }
const FENCED: AppendResult = { kind: 'fenced-producer-epoch' }
const REFUSED_WITH_OTHERS: AppendResult = { kind: 'refused-with-others' }
const DISK_FULL: AppendResult = { kind: 'failed', reason: 'disk-full' }
const STORAGE_ERROR: AppendResult = { kind: 'failed', reason: 'storage-error' }
const DROPPED: AppendResult = { kind: 'failed', reason: 'dropped' }

/** Whether every log of the append may use what is kept in reserve. */
export function isPrivileged(entries: readonly AppendEntry[]): boolean {
  for (const entry of entries) {
    if (!(entry.log instanceof Partition) || !entry.log.internal) return false
  }
  return true
}

/** Bytes of the frame that the entries make. */
export function frameBytesOf(entries: readonly AppendEntry[]): number {
  let payloadBytes = 0
  for (const entry of entries) payloadBytes += entry.batch.length
  return frameSizeBytes(entries.length, payloadBytes)
}

/**
 * The commit point: lays one frame out in the arena and, batch by batch, checks producer epoch and
 * sequence, gives offsets, and takes the batch into the log's state. Synchronous, so that appends
 * take effect in the order of the calls.
 */
export class Appender {
  readonly #options: AppenderOptions

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  /** Undefined when memory or journal have no room: nothing happened, try again later. */
  tryAppend(
    entries: readonly AppendEntry[],
    options: AppendOptions,
    lengthBytes: number,
    privileged: boolean,
  ): Promise<readonly AppendResult[]> | undefined {
    const { arena, journal } = this.#options
    const chunk = arena.reserve(lengthBytes, journal.nextSequence, privileged)
    if (chunk === undefined || !journal.makeRoom(lengthBytes, privileged)) return undefined
    const frame = new PendingFrame(chunk, entries.length)
    const results =
      options.atomic === true
        ? this.#layOutAtomic(frame, entries)
        : entries.map((entry, index) => this.#layOut(frame, entry, index))
    return this.#commit(frame, results, options)
  }

  #commit(
    frame: PendingFrame,
    results: readonly AppendResult[],
    options: AppendOptions,
  ): Promise<readonly AppendResult[]> {
    const { journal } = this.#options
    if (frame.partitions.length > 0) {
      frame.lengthBytes = frameSizeBytes(frame.entryCount, frame.payloadBytes)
      frame.chunk.usedBytes += frame.lengthBytes
      frame.chunk.holds++
      if (options.acks === 'none') {
        journal.submit(frame, frame.wantsWritten)
        return Promise.resolve(results)
      }
      frame.acks = options.acks
      const promise = frame.whenDone(results)
      journal.submit(frame, frame.wantsWritten || options.acks === 'written')
      return promise
    }
    // A retry is answered once its original is durable, and that one is on its way at most.
    const repeats = results.some((result) => result.kind === 'duplicate')
    if (!repeats || options.acks === 'none') return Promise.resolve(results)
    return journal
      .settled()
      .then((isDurable) => (isDurable ? results : withUnknownOutcome(results)))
  }

  #layOutAtomic(frame: PendingFrame, entries: readonly AppendEntry[]): readonly AppendResult[] {
    const undo: Undo[] = []
    const results: AppendResult[] = []
    for (const [index, entry] of entries.entries()) {
      if (entry.log instanceof Partition) undo.push(undoOf(entry.log, entry.batch))
      const result = this.#layOut(frame, entry, index)
      results.push(result)
      if (result.kind === 'appended' || result.kind === 'duplicate') continue
      this.#takeBack(frame, undo)
      return entries.map((_, other) => (other === index ? result : REFUSED_WITH_OTHERS))
    }
    return results
  }

  #takeBack(frame: PendingFrame, undo: readonly Undo[]): void {
    for (const one of [...undo].reverse()) {
      const { partition, producerKey } = one
      while (partition.endOffset > one.endOffset) {
        const last = partition.hot.end - 1
        const sizeBytes = partition.hot.sizeBytes(last)
        frame.chunk.holds--
        partition.endOffset = partition.hot.baseOffset(last)
        partition.unwrittenBytes -= sizeBytes
        this.#options.flusher.discount(sizeBytes)
        partition.hot.cut(last)
      }
      partition.appendTimes.cut(one.endOffset)
      if (one.transactions !== undefined) partition.transactions.restore(one.transactions)
      if (producerKey === undefined) continue
      if (one.producer === undefined) partition.producers.delete(producerKey)
      else partition.producers.restore(producerKey, one.producer)
    }
    frame.partitions.length = 0
    frame.endOffsets.length = 0
  }

  /** Puts one batch into the frame, unless its log refuses it. */
  #layOut(frame: PendingFrame, entry: AppendEntry, index: number): AppendResult {
    const { log, batch } = entry
    const { bytes, view } = frame.chunk.memory
    const refused = this.#refuses(entry)
    if (refused !== undefined || !(log instanceof Partition)) {
      this.#void(frame, index)
      return refused ?? DROPPED
    }
    const at = payloadStart(frame.start, frame.entryCount) + frame.payloadBytes
    const judged = this.#judge(log, batch)
    if (judged !== undefined) {
      this.#void(frame, index)
      return judged
    }
    frame.chunk.memory.put(batch, at)
    const baseOffset = log.endOffset
    const lastOffset = baseOffset + lastOffsetDelta(batch)
    const nowMs = this.#options.clock.now()
    const logAppendTimeMs = log.config.timestampType === 'append' && !isControl(batch) ? nowMs : -1
    setBaseOffset(bytes, baseOffset, at)
    setLeaderEpoch(bytes, log.leaderEpoch, at)
    if (logAppendTimeMs >= 0) setLogAppendTime(bytes, logAppendTimeMs, at)
    putFrameEntry(
      bytes,
      view,
      frame.start,
      index,
      ENTRY_KIND.batch,
      log.topicIdBytes,
      log.partition,
      baseOffset,
      log.leaderEpoch,
      batch.length,
    )
    this.#take(frame, log, at, baseOffset, lastOffset, nowMs)
    frame.payloadBytes += batch.length
    const { logStartOffset } = log
    return { kind: 'appended', baseOffset, lastOffset, logAppendTimeMs, logStartOffset }
  }

  #take(
    frame: PendingFrame,
    log: Partition,
    at: number,
    baseOffset: number,
    lastOffset: number,
    nowMs: number,
  ): void {
    const { bytes } = frame.chunk.memory
    log.epochs.begin(log.leaderEpoch, baseOffset)
    log.noteBatch(bytes, at, baseOffset, lastOffset, nowMs)
    log.hot.dropBefore(this.#options.arena.oldestSerial)
    log.appendTimes.note(baseOffset, lastOffset + 1, batchSizeBytes(bytes, at), nowMs)
    log.place(bytes, at, baseOffset, lastOffset + 1, frame.chunk.serial, at)
    frame.chunk.holds++
    frame.partitions.push(log)
    frame.endOffsets.push(lastOffset + 1)
    if (log.config.durability === 'os' && !log.internal) frame.wantsWritten = true
    this.#options.flusher.add(log, log.hot.sizeBytes(log.hot.end - 1))
  }

  #void(frame: PendingFrame, index: number): void {
    const { bytes, view } = frame.chunk.memory
    putFrameEntry(bytes, view, frame.start, index, ENTRY_KIND.void, NO_TOPIC, 0, 0, 0, 0)
  }

  #refuses(entry: AppendEntry): AppendResult | undefined {
    const { log, expectedOffset } = entry
    if (!(log instanceof Partition) || log.state === 'dropped') return DROPPED
    if (log.state === 'quarantined') return STORAGE_ERROR
    if (!log.internal && this.#options.isFull()) return DISK_FULL
    if (expectedOffset !== undefined && expectedOffset !== log.endOffset) {
      return { kind: 'unexpected-offset', endOffset: log.endOffset }
    }
    return undefined
  }

  /** What dedupe has against the batch; undefined when it may be appended. */
  #judge(log: Partition, batch: Uint8Array): AppendResult | undefined {
    if (!hasProducerId(batch, 0)) return undefined
    if (isControl(batch, 0)) return log.isMarkerFenced(batch) ? FENCED : undefined
    if (baseSequence(batch, 0) < 0) return undefined
    const verdict = log.judgeSequence(batch, 0)
    if (verdict === 'next') return undefined
    if (verdict === 'fenced') return FENCED
    if (verdict === 'out-of-order') return OUT_OF_ORDER
    return duplicateOf(log, batch)
  }
}

const NO_TOPIC = Buffer.alloc(16)

function duplicateOf(log: Partition, batch: Uint8Array): AppendResult {
  const delta = lastOffsetDelta(batch)
  const kept = log.producers.kept(producerKeyOf(batch, 0), baseSequence(batch), delta)
  if (kept === undefined) return OUT_OF_ORDER
  return {
    kind: 'duplicate',
    baseOffset: kept.lastOffset - delta,
    lastOffset: kept.lastOffset,
    logAppendTimeMs: kept.appendTimeMs,
    logStartOffset: log.logStartOffset,
  }
}

function undoOf(partition: Partition, batch: Uint8Array): Undo {
  const producerKey = hasProducerId(batch) ? producerKeyOf(batch, 0) : undefined
  const producer = producerKey === undefined ? undefined : partition.producers.get(producerKey)
  return {
    partition,
    endOffset: partition.endOffset,
    producerKey,
    producer: producer && cloneProducer(producer),
    transactions: producerKey === undefined ? undefined : partition.transactions.snapshot(),
  }
}
