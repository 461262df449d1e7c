import { describe, expect, test } from 'vitest'
import type { CrashChoice, DiskCall } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { paced } from './support/calls.ts'
import { problemsAfter, recordCalls } from './support/crash-run.ts'
import { Ledger } from './support/ledger.ts'
import { problemsInSameLife } from './support/next-life.ts'
import { depth, isWholeRun, onlyPlan, seed, shards, summaryOf } from './support/shards.ts'
import { isStorageError } from './support/storage-error.ts'
import { ProcessEnded, StoreLife } from './support/store-life.ts'
import { runWorkload } from './support/workload.ts'

/**
 * Every call that changes the disk fails once with EIO, or it and all later calls of its kind do, or
 * it finds no space for an instant. Either the store goes on, and nothing that it promised is
 * missing; or it says that it failed, and a restart has everything that was acknowledged.
 */
const SHARDS = 8

interface ErrorPlan {
  readonly fault: 'io-error'
  readonly seed: number
  readonly call: number
  readonly code: 'EIO' | 'ENOSPC'
  readonly lasting: boolean
}

const FAILING_KINDS: ReadonlySet<DiskCall['kind']> = new Set<DiskCall['kind']>([
  'write',
  'sync',
  'syncDirectory',
  'create',
  'rename',
  'remove',
  'truncate',
])

/** What the restart after a failure finds: the page cache, or what was synced. */
const CHOICES: readonly CrashChoice[] = [
  { kind: 'process-kill' },
  { kind: 'nothing' },
  { kind: 'random', seed, keepPercent: 50, unit: 'sector' },
]

const only = onlyPlan<ErrorPlan>('io-error')

describe.runIf(isWholeRun)('an error at any call', async () => {
  const calls = isWholeRun ? await recordCalls(seed) : []
  const plans = calls
    .filter((call) => FAILING_KINDS.has(call.kind))
    .flatMap((call) => [
      { fault: 'io-error', seed, call: call.number, code: 'EIO', lasting: false } as const,
      { fault: 'io-error', seed, call: call.number, code: 'EIO', lasting: true } as const,
      { fault: 'io-error', seed, call: call.number, code: 'ENOSPC', lasting: false } as const,
    ])
    .filter((_plan, i) => depth > 1 || i % 3 === 0 || i % 4 === 0)

  test.each(shards(plans, SHARDS).map((share, shard) => ({ share, shard })))(
    `shard $shard of ${SHARDS}`,
    async ({ share }) => {
      const failures = []
      for (const plan of share) {
        const problems = await problemsOf(plan)
        if (problems.length > 0) failures.push({ plan, problems })
      }
      expect(failures, summaryOf(failures)).toEqual([])
    },
    600_000,
  )
})

if (only) {
  test('the one error of GLASSLOG_FAULTS_ONLY', async () => {
    expect(await problemsOf(only)).toEqual([])
  })
}

async function problemsOf(plan: ErrorPlan): Promise<string[]> {
  const time = createSimTime()
  const disk = createSimDisk({ seed: plan.seed, timers: time.timers })
  let failingKind: DiskCall['kind'] | undefined
  disk.plan = paced(plan.seed, ({ number, kind }) => {
    if (number === plan.call) failingKind = kind
    const isHit = number === plan.call || (plan.lasting && failingKind === kind)
    return isHit ? { kind: 'error', code: plan.code } : { kind: 'proceed' }
  })
  const ledger = new Ledger()
  const life = new StoreLife(disk, ledger, time)
  const error = await errorOf(runWorkload(life, plan.seed))
  // A call of the store may reject when the disk failed; anything else that is thrown is a bug.
  const problems = error === null || isStorageError(error) ? [] : [String(error.stack)]

  disk.plan = () => ({ kind: 'proceed' })
  if (error === null && life.isOpen && life.store.diskState === 'ok') {
    const here = await problemsInSameLife(life)
    problems.push(...here.map((problem) => `in the same life: ${problem}`))
  }
  disk.stop()
  const diskErrors = error === null && life.failure === undefined ? 'outlived' : 'fatal'
  for (const choice of CHOICES) {
    const run = { disk, ledger, time, diskErrors } as const
    const after = await problemsAfter(run, { seed, choice })
    problems.push(...after.map((problem) => `${choice.kind}: ${problem}`))
  }
  return problems
}

async function errorOf(work: Promise<void>): Promise<Error | null> {
  try {
    await work
    return null
  } catch (cause) {
    if (cause instanceof ProcessEnded) throw cause
    return cause instanceof Error ? cause : new Error(String(cause))
  }
}
