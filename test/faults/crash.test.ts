import { describe, expect, test } from 'vitest'
import type { Random } from '../../kit/index.ts'
import { seededRandom } from '../../kit/index.ts'
import type { CrashPlan, EndedRun, StopPoint } from './support/crash-run.ts'
import {
  problemsAfter,
  recordCalls,
  recordRecovery,
  runUntil,
  stopPointsOf,
} from './support/crash-run.ts'
import { depth, isWholeRun, onlyPlan, seed, shards, summaryOf } from './support/shards.ts'

/**
 * The process ends at every single disk call of the workload; from each end, every kind of disk that
 * a crash can leave (bounded) is recovered, some of them with a second crash during the recovery.
 */
const SHARDS = 12
const CHOICES = 6 * depth
const SECOND_CRASHES = 2 * depth

const only = onlyPlan<CrashPlan>('crash')

describe.runIf(isWholeRun)('a crash at any disk call', async () => {
  const points = isWholeRun ? stopPointsOf(await recordCalls(seed)) : []

  test.each(shards(points, SHARDS).map((share, shard) => ({ share, shard })))(
    `shard $shard of ${SHARDS}`,
    async ({ share }) => {
      const failures = []
      for (const stop of share) {
        const run = await runUntil(stop, seed)
        const random = seededRandom(seed ^ (stop.call * 7919))
        for (const plan of await plansFor(run, stop, random)) {
          const problems = await problemsAfter(run, plan)
          if (problems.length > 0) failures.push({ plan, problems })
        }
      }
      expect(failures, summaryOf(failures)).toEqual([])
    },
    600_000,
  )
})

test.runIf(only)('the one crash of GLASSLOG_FAULTS_ONLY', async () => {
  if (!only) return
  expect(await problemsAfter(await runUntil(only.stop, only.seed), only)).toEqual([])
})

async function plansFor(run: EndedRun, stop: StopPoint, random: Random): Promise<CrashPlan[]> {
  const choices = run.disk.crashChoices(CHOICES, random.below(2 ** 32))
  const plans: CrashPlan[] = choices.map((choice) => ({ fault: 'crash', seed, stop, choice }))
  const again = choices[random.below(choices.length)]
  if (!again) return plans
  const points = stopPointsOf(await recordRecovery(run, again))
  for (let i = 0; i < SECOND_CRASHES && points.length > 0; i++) {
    const second = points[random.below(points.length)]
    if (!second) break
    const keepPercent = [0, 40, 80, 100][random.below(4)] ?? 50
    plans.push({
      fault: 'crash',
      seed,
      stop,
      choice: again,
      second: {
        stop: second,
        choice: { kind: 'random', seed: random.below(2 ** 32), keepPercent, unit: 'sector' },
      },
    })
  }
  return plans
}
