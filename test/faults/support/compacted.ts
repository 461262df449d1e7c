import { decodeRecords } from '../../../protocol/index.ts'
import type { LogPromise, Loss, SentBatch } from './ledger.ts'
import { mustSurvive } from './ledger.ts'
import type { ObservedLog } from './observation.ts'

interface FoundRecord {
  readonly offset: number
  readonly key: string
  readonly value: string | null
}

interface SentKeyed {
  readonly key: string
  readonly value: string | null
  /** Order of sending over the whole log. */
  readonly order: number
  /** Where the store said it is. */
  readonly offset: number | null
  readonly mustSurvive: boolean
}

/**
 * A compacted log may have holes, so what it owes is other than an ordinary log's: nothing invented
 * or moved, and for each key its newest safe record or one that came later; no record of a key only
 * when a tombstone took it.
 */
export function brokenCompactedPromises(
  log: LogPromise,
  observed: ObservedLog,
  loss: Loss,
): string[] {
  const problems: string[] = []
  const sent = sentOf(log, loss)
  const found = observed.batches.flatMap((batch) => recordsOf(batch.bytes))
  problems.push(...misplaced(found, sent, observed))
  for (const key of new Set(sent.map((record) => record.key))) {
    const history = sent.filter((record) => record.key === key)
    const safe = history.findLastIndex((record) => record.mustSurvive)
    if (safe < 0) continue
    const allowed = history.slice(safe)
    const newest = found.findLast((record) => record.key === key)
    const newestValue = newest?.value ?? null
    if (!allowed.some((record) => record.value === newestValue)) {
      problems.push(`${key} is ${short(newestValue)}, must be ${short(allowed[0]?.value ?? null)}`)
    }
  }
  const lastSafe = sent.findLast((record) => record.mustSurvive && record.offset !== null)
  if (lastSafe && observed.endOffset <= (lastSafe.offset ?? -1)) {
    problems.push(`ends at ${observed.endOffset}, offset ${lastSafe.offset} was promised`)
  }
  return problems
}

/** The offset of a batch of which a record with a value is there; undefined when none is. */
export function placeInCompacted(batch: SentBatch, observed: ObservedLog): number | undefined {
  for (const { bytes } of observed.batches) {
    for (const record of recordsOf(bytes)) {
      const index = batch.records.findIndex(
        (sent) => sent.value !== null && sent.value === record.value,
      )
      if (index >= 0) return record.offset - index
    }
  }
  return undefined
}

function sentOf(log: LogPromise, loss: Loss): SentKeyed[] {
  let order = 0
  return log.sent.flatMap((batch) => {
    const { answer } = batch
    const isPlaced = answer?.kind === 'appended' || answer?.kind === 'duplicate'
    const survives = mustSurvive(batch, log, loss)
    return batch.records.map((record, index) => ({
      key: record.key ?? '',
      value: record.value,
      order: order++,
      offset: isPlaced ? answer.baseOffset + index : null,
      mustSurvive: survives,
    }))
  })
}

function recordsOf(bytes: Buffer): FoundRecord[] {
  return [...decodeRecords(bytes)].map(({ offset, key, value }) => ({
    offset,
    key: key?.toString() ?? '',
    value: value?.toString() ?? null,
  }))
}

function misplaced(
  found: readonly FoundRecord[],
  sent: readonly SentKeyed[],
  observed: ObservedLog,
): string[] {
  const problems: string[] = []
  const byValue = new Map(sent.map((record) => [record.value, record]))
  let lastOffset = observed.logStartOffset - 1
  let lastOrder = -1
  for (const record of found) {
    if (record.offset <= lastOffset) problems.push(`${record.offset} follows ${lastOffset}`)
    lastOffset = record.offset
    if (record.value === null) continue
    const original = byValue.get(record.value)
    if (!original || original.key !== record.key) {
      problems.push(
        `holds ${short(record.value)} at ${record.offset}, never sent for ${record.key}`,
      )
      continue
    }
    if (original.order <= lastOrder) problems.push(`holds ${short(record.value)} out of order`)
    lastOrder = Math.max(lastOrder, original.order)
    if (original.offset !== null && original.offset !== record.offset) {
      problems.push(`holds ${short(record.value)} at ${record.offset}, was ${original.offset}`)
    }
  }
  return problems
}

function short(value: string | null): string {
  return value === null ? 'a tombstone or nothing' : value.slice(0, 16)
}
