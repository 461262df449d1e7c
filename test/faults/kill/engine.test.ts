import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LogStore } from '../../../broker/log/index.ts'
import { seededRandom, systemTimers } from '../../../kit/index.ts'
import { brokenPromises } from '../support/checker.ts'
import type { SentBatch } from '../support/ledger.ts'
import { Ledger } from '../support/ledger.ts'
import { logKey, observe } from '../support/observation.ts'
import { settleLedger } from '../support/settle.ts'
import { rounds, seed } from '../support/shards.ts'
import type { BatchDescription, ChildLine, ChildOrders } from './engine-load.ts'
import { batchOf, openStore, PARTITIONS, specs, TOPIC_ID } from './engine-load.ts'

/**
 * The storage engine on the machine's own disk, journal threads and all: killed with SIGKILL at a
 * random moment under load, opened and checked, started again with the retries that its clients
 * would send.
 */
const CHILD = join(import.meta.dirname, 'engine-child.ts')
const FIRST_PRODUCER_ID = 5_000
const READ_BYTES = 1024 * 1024
const KEPT_ROUNDS = 3

let dataDirectory: string
beforeAll(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'glasslog-kill-'))
})
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }))

test(`${rounds} rounds of SIGKILL (seed ${seed})`, { timeout: 60_000 * rounds }, async () => {
  const random = seededRandom(seed)
  const ledger = new Ledger()
  ledger.addTopic(specs)
  const descriptions = new Map<string, BatchDescription>()
  const nextSequences = Array.from({ length: PARTITIONS }, () => 0)
  const ends: number[][] = []
  let retries: readonly BatchDescription[] = []

  for (let round = 0; round < rounds; round++) {
    const lines = await killedAfter(50 + random.below(1_200), {
      dataDirectory,
      reportFile: join(dataDirectory, `report-${round}`),
      round,
      seed: random.below(2 ** 32),
      retries,
      producers: nextSequences.map((nextSequence, i) => ({
        id: FIRST_PRODUCER_ID + i,
        nextSequence,
      })),
    })
    const problems = record(lines, ledger, descriptions, nextSequences)
    const unanswered = ledgerBatches(ledger).filter(
      (batch) => batch.producer !== null && (batch.answer === null || batch.isGone),
    )

    const store = await openStore(dataDirectory)
    const observation = await observe(store, READ_BYTES)
    problems.push(...brokenPromises(ledger, observation, 'process kill'))
    settleLedger(ledger, observation)
    ledger.seenLeaderEpoch = store.find(TOPIC_ID, 0)?.leaderEpoch ?? ledger.seenLeaderEpoch
    await trimOldRounds(store, ledger, ends)
    await store.close()
    expect(problems, `round ${round} of seed ${seed}`).toEqual([])

    retries = unanswered
      .sort((a, b) => a.number - b.number)
      .map((batch) => descriptions.get(nameOf(batch)))
      .filter((description) => description !== undefined)
  }
  expect(ledgerBatches(ledger).filter((batch) => batch.isRecovered).length).toBeGreaterThan(0)
})

/** Keeps the last rounds only, so that the hundredth round costs no more than the third. */
async function trimOldRounds(store: LogStore, ledger: Ledger, ends: number[][]): Promise<void> {
  const logs = [...store.logs()]
  ends.push(logs.map((log) => log.highWatermark))
  if (ends.length <= KEPT_ROUNDS) return
  const old = ends.shift() ?? []
  for (const [i, log] of logs.entries()) {
    const promise = ledger.log(logKey(log.topicId, log.partition))
    promise.trimDone = await store.trim(log, Math.max(old[i] ?? 0, log.logStartOffset))
    promise.trimsAsked.add(promise.trimDone)
  }
  ledger.forgetTrimmed()
}

function ledgerBatches(ledger: Ledger): SentBatch[] {
  return [...ledger.logs.values()].flatMap((log) => log.sent)
}

/** Starts a child, lets it live for `lifeMs` after it opened, and answers all it said before it died. */
async function killedAfter(lifeMs: number, orders: ChildOrders): Promise<ChildLine[]> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  if (String(said) !== 'open\n') throw new Error(`the child did not open the store: ${said}`)
  const exited = once(child, 'exit')
  systemTimers.after(lifeMs, () => child.kill('SIGKILL'))
  const [, signal] = await exited
  if (signal !== 'SIGKILL') throw new Error(`the child ended by itself: ${signal}`)
  const lines = (await readFile(orders.reportFile, 'utf8')).split('\n')
  // What follows the last line break was cut by the kill, and had not happened yet.
  return lines.slice(0, -1).map((line): ChildLine => JSON.parse(line))
}

/** Enters what the child did into the ledger; answers what was wrong with the answers themselves. */
function record(
  lines: readonly ChildLine[],
  ledger: Ledger,
  descriptions: Map<string, BatchDescription>,
  nextSequences: number[],
): string[] {
  const problems: string[] = []
  const batches = new Map(ledgerBatches(ledger).map((batch) => [nameOf(batch), batch]))
  const groups = new Map<string, number>()
  for (const line of lines) {
    switch (line.event) {
      case 'open':
        ledger.seenLeaderEpoch = Math.max(ledger.seenLeaderEpoch, line.leaderEpoch)
        break
      case 'send': {
        const { batch } = line
        const again = batches.get(batch.id)
        if (again) {
          ledger.sendAgain(again)
          break
        }
        const group = batch.atomicGroup
        if (group !== null && !groups.has(group)) groups.set(group, ledger.newGroup())
        const sent = sentBatch(batch, ledger, group === null ? null : (groups.get(group) ?? null))
        ledger.addBatch(sent)
        batches.set(batch.id, sent)
        descriptions.set(batch.id, batch)
        if (batch.producer) {
          nextSequences[batch.partition] = batch.producer.baseSequence + batch.recordCount
        }
        break
      }
      case 'answer':
        problems.push(...answer(batches.get(line.id), line))
        break
      case 'trim':
        ledger.log(logKey(TOPIC_ID, line.partition)).trimsAsked.add(line.offset)
        break
      case 'trimmed':
        ledger.log(logKey(TOPIC_ID, line.partition)).trimDone = line.offset
        break
    }
  }
  return problems
}

/** A retry of what a recovery showed is a duplicate at the same offset; everything else is new. */
function answer(
  batch: SentBatch | undefined,
  line: Extract<ChildLine, { event: 'answer' }>,
): string[] {
  if (!batch) return [`an answer for ${line.id}, which was never sent`]
  const { answer: before, isRecovered } = batch
  const expected = isRecovered ? 'duplicate' : 'appended'
  if (line.kind !== expected) return [`${line.id}: ${line.kind} instead of ${expected}`]
  if (before && 'baseOffset' in before && before.baseOffset !== line.offset) {
    return [`${line.id}: a duplicate at ${line.offset}, the original is at ${before.baseOffset}`]
  }
  batch.answer = {
    kind: expected,
    baseOffset: line.offset,
    lastOffset: line.offset + batch.records.length - 1,
    logAppendTimeMs: -1,
    logStartOffset: 0,
  }
  return []
}

function sentBatch(
  description: BatchDescription,
  ledger: Ledger,
  atomicGroup: number | null,
): SentBatch {
  const { id, partition, recordCount, acks, producer } = description
  return {
    number: ledger.newBatchNumber(),
    log: logKey(TOPIC_ID, partition),
    bytes: batchOf(description),
    records: Array.from({ length: recordCount }, (_, i) => ({ key: null, value: `${id}/${i}` })),
    acks,
    atomicGroup,
    producer: producer && {
      producerId: BigInt(producer.id),
      producerEpoch: 0,
      nextSequence: producer.baseSequence,
    },
    answer: null,
    isRecovered: false,
    isGone: false,
  }
}

/** The description's id, which all values begin with. */
function nameOf(batch: SentBatch): string {
  return batch.records[0]?.value?.split('/')[0] ?? ''
}
