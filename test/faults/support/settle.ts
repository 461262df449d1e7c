import type { AppendResult } from '../../../broker/log/index.ts'
import { placeInCompacted } from './compacted.ts'
import type { Ledger, LogPromise, SentBatch } from './ledger.ts'
import type { Observation, ObservedLog } from './observation.ts'
import { contentOf } from './observation.ts'

/**
 * A recovery let itself be read: what it showed is durable from now on, and what was never answered
 * and is not there never will be.
 */
export function settleLedger(ledger: Ledger, observation: Observation): void {
  for (const log of ledger.logs.values()) {
    const observed = observation.get(log.key)
    if (!observed) continue
    const placeOf = finderOf(log, observed)
    for (const batch of log.sent) settleBatch(batch, placeOf(batch), observed)
    log.trimsAsked.add(observed.logStartOffset)
    log.trimDone = observed.logStartOffset
    log.seenHighWatermark = observed.highWatermark
  }
}

function finderOf(
  log: LogPromise,
  observed: ObservedLog,
): (batch: SentBatch) => number | undefined {
  if (log.topic.config.cleanup.compact) return (batch) => placeInCompacted(batch, observed)
  const places = new Map(
    observed.batches.map((batch) => [contentOf(batch.bytes), batch.baseOffset]),
  )
  return (batch) => places.get(contentOf(batch.bytes))
}

function settleBatch(batch: SentBatch, place: number | undefined, observed: ObservedLog): void {
  if (place !== undefined) {
    batch.isRecovered = true
    batch.answer = {
      kind: 'appended',
      baseOffset: place,
      lastOffset: place + batch.records.length - 1,
      logAppendTimeMs: -1,
      logStartOffset: observed.logStartOffset,
    }
    return
  }
  // Trimmed, it was there; anything else is not, and the log goes on without it.
  if (isPlacedBelow(batch.answer, observed.logStartOffset)) return
  batch.isGone = true
  if (batch.answer === null || 'lastOffset' in batch.answer) {
    batch.answer = { kind: 'failed', reason: 'unknown-outcome' }
  }
}

function isPlacedBelow(answer: AppendResult | null, logStartOffset: number): boolean {
  return answer !== null && 'lastOffset' in answer && answer.lastOffset < logStartOffset
}
