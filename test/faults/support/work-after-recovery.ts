import type { AppendResult } from '../../../broker/log/index.ts'
import type { SentBatch } from './ledger.ts'
import type { StoreLife } from './store-life.ts'

/** Drops asked for before are asked for again; retries and new appends must be answered rightly. */
export async function workAfterRecovery(life: StoreLife): Promise<string[]> {
  const { ledger, store } = life
  const problems: string[] = []
  for (const topic of ledger.topics.values()) {
    if (topic.dropped === 'asked') await life.drop(topic.topicId)
  }
  for (const log of ledger.logs.values()) {
    if (log.topic.dropped !== 'no') continue
    problems.push(...(await retry(life, log.sent)))
    const value = `after-recovery-${log.key}-${log.sent.length}`
    const sent = life.send([{ log: log.key, records: [{ key: 'k', value }] }], { acks: 'durable' })
    const [result] = await life.drive(sent)
    if (result?.kind !== 'appended')
      problems.push(`${log.key}: new append ${JSON.stringify(result)}`)
  }
  if (store.diskState !== 'ok') problems.push(`the disk is said to be ${store.diskState}`)
  return problems
}

/** Resends what each producer could not know: the last five batches that were kept, then the rest. */
async function retry(life: StoreLife, sent: readonly SentBatch[]): Promise<string[]> {
  const problems: string[] = []
  const producers = new Set(sent.map((batch) => batch.producer))
  for (const producer of producers) {
    if (producer === null || producer.skipsAhead) continue
    const batches = sent
      .filter((batch) => batch.producer === producer)
      .sort((a, b) => a.number - b.number)
    const kept = batches.filter(isKept)
    for (const batch of [...kept.slice(-5), ...batches.filter((other) => !isKept(other))]) {
      const before = batch.answer
      const expected = isKept(batch) ? 'duplicate' : 'appended'
      const [result] = await life.drive(life.resend(batch))
      if (result?.kind !== expected || !isSamePlace(before, result)) {
        problems.push(
          `${batch.log}: retry of batch ${batch.number} ${JSON.stringify(result)}, was ${JSON.stringify(before)}`,
        )
      }
    }
  }
  return problems
}

/** In the log, or trimmed from it since; the producer's state covers both. */
function isKept(batch: SentBatch): boolean {
  return batch.answer !== null && 'baseOffset' in batch.answer
}

function isSamePlace(before: AppendResult | null, now: AppendResult): boolean {
  if (!before || !('baseOffset' in before)) return true
  return 'baseOffset' in now && now.baseOffset === before.baseOffset
}
