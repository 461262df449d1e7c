import { brokenCompactedPromises } from './compacted.ts'
import type { Ledger, LogPromise, Loss, SentBatch } from './ledger.ts'
import { mustSurvive, wasRefused } from './ledger.ts'
import type { Observation, ObservedBatch, ObservedLog } from './observation.ts'
import { contentOf } from './observation.ts'

/**
 * Every promise of the ledger that the observation breaks, as one sentence each: lost, duplicated,
 * reordered, changed or invented batches, gaps, offsets used twice, halves of atomic appends,
 * undone trims and drops, epochs that fell.
 */
export function brokenPromises(
  ledger: Ledger,
  observation: Observation,
  loss: Loss,
  life: 'new life' | 'same life' = 'new life',
): string[] {
  const problems: string[] = []
  const found = new Set<SentBatch>()
  for (const log of ledger.logs.values()) {
    const observed = observation.get(log.key)
    const report = (problem: string): void => void problems.push(`${log.key}: ${problem}`)
    if (log.topic.dropped === 'done') {
      if (observed) report('was dropped and is back')
      continue
    }
    if (!observed) {
      if (log.topic.dropped === 'no') report('is gone')
      continue
    }
    checkBounds(log, observed, loss, report)
    checkEpochs(ledger, observed, life, report)
    if (log.topic.config.cleanup.compact) {
      for (const problem of brokenCompactedPromises(log, observed, loss)) report(problem)
      continue
    }
    checkContiguous(observed, report)
    for (const batch of matchBatches(log, observed, report)) found.add(batch)
    for (const batch of log.sent) {
      if (found.has(batch) || !mustSurvive(batch, log, loss)) continue
      if (!isTrimmed(batch, observed)) report(`lost ${nameOf(batch)}`)
    }
  }
  for (const group of ledger.groups.values()) {
    problems.push(...halvesOf(ledger, group, found, observation))
  }
  return problems
}

type Report = (problem: string) => void

function checkBounds(log: LogPromise, observed: ObservedLog, loss: Loss, report: Report): void {
  const { logStartOffset, highWatermark, endOffset } = observed
  if (observed.state !== 'open') report(`is ${observed.state}`)
  if (observed.readError !== null) report(`cannot be read: ${observed.readError}`)
  if (highWatermark !== endOffset) report(`opened with ${endOffset - highWatermark} hidden offsets`)
  if (logStartOffset > highWatermark)
    report(`starts at ${logStartOffset}, ends at ${highWatermark}`)
  if (logStartOffset < log.trimDone) report(`trim to ${log.trimDone} undone: ${logStartOffset}`)
  if (!log.trimsAsked.has(logStartOffset)) report(`starts at ${logStartOffset}, never asked for`)
  const isShownSafe = loss === 'process kill' || log.topic.config.durability === 'disk'
  if (isShownSafe && highWatermark < log.seenHighWatermark) {
    report(`ends at ${highWatermark}, readers had seen ${log.seenHighWatermark}`)
  }
}

function checkEpochs(
  ledger: Ledger,
  observed: ObservedLog,
  life: 'new life' | 'same life',
  report: Report,
): void {
  const lowest = life === 'new life' ? ledger.seenLeaderEpoch + 1 : ledger.seenLeaderEpoch
  if (observed.leaderEpoch < lowest) {
    report(`has epoch ${observed.leaderEpoch} after ${ledger.seenLeaderEpoch} was in use`)
  }
  let highest = 0
  for (const batch of observed.batches) {
    if (batch.leaderEpoch < highest) report(`has epoch ${batch.leaderEpoch} after ${highest}`)
    if (batch.leaderEpoch > observed.leaderEpoch) report('has a batch of a later epoch')
    if (life === 'new life' && batch.leaderEpoch === observed.leaderEpoch) {
      report('has a batch of its own epoch already')
    }
    highest = Math.max(highest, batch.leaderEpoch)
  }
}

function checkContiguous(observed: ObservedLog, report: Report): void {
  const { batches, logStartOffset, highWatermark } = observed
  if (observed.readError !== null) return
  let expected = batches[0]?.baseOffset ?? logStartOffset
  if (expected > logStartOffset) report(`begins with a gap: ${expected} > ${logStartOffset}`)
  for (const batch of batches) {
    if (batch.baseOffset !== expected) report(`${batch.baseOffset} where ${expected} should be`)
    expected = batch.lastOffset + 1
  }
  if (expected !== highWatermark) report(`last offset ${expected - 1} but ends at ${highWatermark}`)
}

/** The sent batches that are there, in the order in which they were sent. */
function matchBatches(
  log: LogPromise,
  observed: ObservedLog,
  report: Report,
): ReadonlySet<SentBatch> {
  const byContent = new Map(
    log.sent.map((batch, order) => [contentOf(batch.bytes), { batch, order }]),
  )
  const found = new Set<SentBatch>()
  let lastOrder = -1
  for (const seen of observed.batches) {
    const match = byContent.get(contentOf(seen.bytes))
    if (!match) {
      report(`holds bytes at ${seen.baseOffset} that nobody sent`)
      continue
    }
    const { batch, order } = match
    if (order === lastOrder || found.has(batch)) report(`holds ${nameOf(batch)} twice`)
    else if (order < lastOrder) report(`holds ${nameOf(batch)} after later ones`)
    if (wasRefused(batch)) report(`holds ${nameOf(batch)}, which was refused`)
    checkOffset(batch, seen, report)
    lastOrder = Math.max(lastOrder, order)
    found.add(batch)
  }
  return found
}

function checkOffset(batch: SentBatch, seen: ObservedBatch, report: Report): void {
  const { answer } = batch
  if (answer?.kind !== 'appended' && answer?.kind !== 'duplicate') return
  if (answer.baseOffset !== seen.baseOffset) {
    report(`holds ${nameOf(batch)} at ${seen.baseOffset}`)
  }
}

function halvesOf(
  ledger: Ledger,
  group: readonly SentBatch[],
  found: ReadonlySet<SentBatch>,
  observation: Observation,
): string[] {
  const visible = group.filter((batch) => {
    const log = ledger.log(batch.log)
    const observed = observation.get(batch.log)
    if (!observed || log.topic.dropped !== 'no' || log.topic.config.cleanup.compact) return false
    return found.has(batch) || !mayBeTrimmed(batch, observed)
  })
  const kept = visible.filter((batch) => found.has(batch))
  if (kept.length === 0 || kept.length === visible.length) return []
  return [`${kept.length} of ${visible.length} of the atomic ${nameOf(group[0])} are there`]
}

function isTrimmed(batch: SentBatch, observed: ObservedLog): boolean {
  const { answer } = batch
  if (answer?.kind !== 'appended' && answer?.kind !== 'duplicate') return false
  return answer.lastOffset < observed.logStartOffset
}

/** Of a batch whose offset was never heard nobody can say; a trimmed log excuses it. */
function mayBeTrimmed(batch: SentBatch, observed: ObservedLog): boolean {
  const { answer } = batch
  const isPlaced = answer?.kind === 'appended' || answer?.kind === 'duplicate'
  return isPlaced ? isTrimmed(batch, observed) : observed.logStartOffset > 0
}

function nameOf(batch: SentBatch | undefined): string {
  if (!batch) return 'batch'
  const { number, acks, answer } = batch
  const said =
    answer === null
      ? 'unanswered'
      : answer.kind === 'appended' || answer.kind === 'duplicate'
        ? `${answer.kind} at ${answer.baseOffset}`
        : answer.kind
  return `batch ${number} (acks ${acks}, ${said}${batch.isRecovered ? ', recovered before' : ''})`
}
