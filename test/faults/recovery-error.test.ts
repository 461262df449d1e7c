import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import type { CrashChoice } from '../../kit/testing.ts'
import { stopPointsOf } from './support/calls.ts'
import { recordCalls, runUntil } from './support/crash-run.ts'
import type { FailedRecoveryPlan } from './support/failed-recovery.ts'
import { problemsAfterFailedRecovery, recordRecovery } from './support/failed-recovery.ts'
import { depth, isWholeRun, onlyPlan, seed, shards, summaryOf } from './support/shards.ts'

/**
 * After a crash every single disk call of the recovery fails once, reads included. What cannot be
 * read now may be readable at the next start, so nothing may be given up for it.
 */
const SHARDS = 4
const STOPS = 4 * depth

const only = onlyPlan<FailedRecoveryPlan>('recovery-error')

describe.runIf(isWholeRun)('an error at any call of a recovery', async () => {
  const points = isWholeRun ? stopPointsOf(await recordCalls(seed)) : []
  const random = seededRandom(seed)
  const stops = Array.from({ length: STOPS }, () => points[random.below(points.length)])

  test.each(shards(stops, SHARDS).map((share, shard) => ({ share, shard })))(
    `shard $shard of ${SHARDS}`,
    async ({ share }) => {
      const failures = []
      for (const stop of share) {
        if (!stop) continue
        const run = await runUntil(stop, seed)
        for (const choice of choicesFor(stop.call)) {
          for (const { number: call } of await recordRecovery(run, choice)) {
            const plan = { fault: 'recovery-error', seed, stop, choice, call } as const
            const problems = await problemsAfterFailedRecovery(run, plan)
            if (problems.length > 0) failures.push({ plan, problems })
          }
        }
      }
      expect(failures, summaryOf(failures)).toEqual([])
    },
    600_000,
  )
})

if (only) {
  test('the one error of GLASSLOG_FAULTS_ONLY', async () => {
    const run = await runUntil(only.stop, only.seed)
    expect(await problemsAfterFailedRecovery(run, only)).toEqual([])
  })
}

function choicesFor(call: number): CrashChoice[] {
  return [{ kind: 'process-kill' }, { kind: 'random', seed: call, keepPercent: 50, unit: 'sector' }]
}
