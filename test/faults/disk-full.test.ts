import { describe, expect, test } from 'vitest'
import type { CallFate } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { paced } from './support/calls.ts'
import { problemsAfter } from './support/crash-run.ts'
import { Ledger } from './support/ledger.ts'
import { problemsInSameLife } from './support/next-life.ts'
import type { LogKey } from './support/observation.ts'
import { depth, isWholeRun, onlyPlan, seed, shards, summaryOf } from './support/shards.ts'
import { isStorageError } from './support/storage-error.ts'
import { StoreLife } from './support/store-life.ts'
import { logs } from './support/topics.ts'
import { runWorkloadWithoutRestart } from './support/workload.ts'

/**
 * Somebody else fills the disk at any point of the workload. Ordinary appends may be refused for
 * that reason and no other; reads, trims, drops and internal logs go on; once space is back, so do
 * ordinary appends, in the same process.
 */
const SHARDS = 4
const POINTS = 40 * depth

interface FullPlan {
  readonly fault: 'disk-full'
  readonly seed: number
  readonly call: number
}

const [METRICS = ''] = logs.metrics.split('/')

const PROCEED = (): CallFate => ({ kind: 'proceed' })

/** A test in which nothing is ever refused would show nothing. */
let refusals = 0

const only = onlyPlan<FullPlan>('disk-full')

describe.runIf(isWholeRun)('a full disk at any call', async () => {
  const calls = isWholeRun ? await countCalls() : 0
  const step = Math.max(1, Math.floor(calls / POINTS))
  const plans = Array.from(
    { length: Math.floor(calls / step) },
    (_, i): FullPlan => ({
      fault: 'disk-full',
      seed,
      call: 1 + i * step,
    }),
  )

  test.each(shards(plans, SHARDS).map((share, shard) => ({ share, shard })))(
    `shard $shard of ${SHARDS}`,
    async ({ share }) => {
      const failures = []
      const before = refusals
      for (const plan of share) {
        const problems = await problemsOf(plan)
        if (problems.length > 0) failures.push({ plan, problems })
      }
      expect(failures, summaryOf(failures)).toEqual([])
      expect(refusals, 'appends that were refused for want of space').toBeGreaterThan(before)
    },
    600_000,
  )
})

if (only) {
  test('the one full disk of GLASSLOG_FAULTS_ONLY', async () => {
    expect(await problemsOf(only)).toEqual([])
  })
}

async function countCalls(): Promise<number> {
  const time = createSimTime()
  const disk = createSimDisk({ seed, timers: time.timers, plan: paced(seed, PROCEED) })
  await runWorkloadWithoutRestart(new StoreLife(disk, new Ledger(), time), seed)
  return disk.callCount
}

async function problemsOf(plan: FullPlan): Promise<string[]> {
  const time = createSimTime()
  const disk = createSimDisk({ seed: plan.seed, timers: time.timers })
  const roomyBytes = disk.capacityBytes
  const ledger = new Ledger()
  const life = new StoreLife(disk, ledger, time)
  const problems: string[] = []
  disk.plan = paced(plan.seed, ({ number }) => {
    // Nothing more can be allocated from here on.
    if (number === plan.call) disk.capacityBytes = 0
    return { kind: 'proceed' }
  })
  try {
    await runWorkloadWithoutRestart(life, plan.seed)
  } catch (cause) {
    if (!isStorageError(cause)) return [String(cause instanceof Error ? cause.stack : cause)]
  }
  if (life.isOpen) {
    problems.push(...(await whileFull(life)))
    disk.capacityBytes = roomyBytes
    await life.sleep(5_000)
    problems.push(...(await onceThereIsSpace(life)))
  }
  disk.capacityBytes = roomyBytes
  disk.stop()
  for (const kind of ['process-kill', 'nothing'] as const) {
    const after = await problemsAfter(
      { disk, ledger, time, diskErrors: 'outlived' },
      { seed, choice: { kind } },
    )
    problems.push(...after.map((problem) => `${kind}: ${problem}`))
  }
  return problems
}

async function whileFull(life: StoreLife): Promise<string[]> {
  const problems: string[] = []
  if (life.store.diskState === 'failed') problems.push('a full disk was taken for a broken one')
  for (const log of life.ledger.logs.values()) {
    for (const { number, answer } of log.sent) {
      if (answer?.kind !== 'failed') continue
      if (answer.reason === 'disk-full') refusals++
      else problems.push(`batch ${number} was refused with ${answer.reason}`)
    }
  }
  problems.push(...(await problemsInSameLife(life)))
  if (life.store.diskState === 'full') problems.push(...(await controlGoesOn(life)))
  return problems
}

/** What needs a record but no new space: the way out of a full disk. */
async function controlGoesOn(life: StoreLife): Promise<string[]> {
  const problems: string[] = []
  const kind = await appendTo(life, logs.history, 'while-full')
  if (kind !== 'appended') problems.push(`an internal append while full: ${kind}`)
  if (life.ledger.logs.has(logs.orders0)) {
    const log = life.log(logs.orders0)
    if (log.highWatermark > log.logStartOffset) await life.trim(logs.orders0, log.highWatermark)
  }
  if (life.ledger.topics.get(METRICS)?.dropped === 'no') await life.drop(METRICS)
  return problems
}

async function onceThereIsSpace(life: StoreLife): Promise<string[]> {
  const problems: string[] = []
  if (life.store.diskState !== 'ok') problems.push(`with space again: ${life.store.diskState}`)
  for (const log of life.ledger.logs.values()) {
    if (log.topic.dropped !== 'no' || !isThere(life, log.key)) continue
    const kind = await appendTo(life, log.key, 'with-space-again')
    if (kind !== 'appended') problems.push(`${log.key} with space again: ${kind}`)
  }
  problems.push(...(await problemsInSameLife(life)))
  return problems
}

async function appendTo(life: StoreLife, log: LogKey, name: string): Promise<string> {
  const value = `${name}-${life.disk.callCount}-${log}`
  const sent = life.send([{ log, records: [{ key: name, value }] }], { acks: 'durable' })
  const [result] = await life.drive(sent)
  return result?.kind === 'failed' ? result.reason : (result?.kind ?? 'nothing')
}

/** Creating a topic may have failed for want of space, and then nobody uses it. */
function isThere(life: StoreLife, key: LogKey): boolean {
  const [topicId = '', partition] = key.split('/')
  return life.store.find(topicId, Number(partition)) !== undefined
}
