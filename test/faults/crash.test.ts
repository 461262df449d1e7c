import { describe, expect, test } from 'vitest'
import { stopPointsOf } from './support/calls.ts'
import { plansFor } from './support/crash-plans.ts'
import type { CrashPlan } from './support/crash-run.ts'
import { problemsAfter, recordCalls, runUntil } from './support/crash-run.ts'
import { depth, isWholeRun, onlyPlan, seed, shards, summaryOf } from './support/shards.ts'

/**
 * The process ends at every single disk call of the workload; from each end, every kind of disk that
 * a crash can leave (bounded) is recovered, some of them with a second crash during the recovery.
 */
const SHARDS = 8
const BOUNDS = { choices: 6 * depth, secondCrashes: 2 * depth }

/** One seed with a disk that answers at once, one with a disk that has many calls under way. */
const SEEDS = [seed, seed + 1]

const only = onlyPlan<CrashPlan>('crash')

describe.runIf(isWholeRun).each(SEEDS)('a crash at any disk call, seed %i', async (runSeed) => {
  const points = isWholeRun ? stopPointsOf(await recordCalls(runSeed)) : []

  test.each(shards(points, SHARDS).map((share, shard) => ({ share, shard })))(
    `shard $shard of ${SHARDS}`,
    async ({ share }) => {
      const failures = []
      for (const stop of share) {
        const run = await runUntil(stop, runSeed)
        for (const plan of await plansFor(run, stop, { seed: runSeed, ...BOUNDS })) {
          const problems = await problemsAfter(run, plan)
          if (problems.length > 0) failures.push({ plan, problems })
        }
      }
      expect(failures, summaryOf(failures)).toEqual([])
    },
    600_000,
  )
})

if (only) {
  test('the one crash of GLASSLOG_FAULTS_ONLY', async () => {
    expect(await problemsAfter(await runUntil(only.stop, only.seed), only)).toEqual([])
  })
}
