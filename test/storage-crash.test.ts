import { expect, test } from 'vitest'
import { stopPointsOf } from './faults/support/calls.ts'
import { plansFor } from './faults/support/crash-plans.ts'
import { problemsAfter, recordCalls, runUntil } from './faults/support/crash-run.ts'
import { summaryOf } from './faults/support/shards.ts'

/**
 * A few of the crashes of `npm run test:faults`, enough to notice within seconds that the storage
 * engine loses something.
 */
const SEED = 7
const EVERY = 40

test('a crash loses nothing that was promised', { timeout: 60_000 }, async () => {
  const points = stopPointsOf(await recordCalls(SEED)).filter((_point, i) => i % EVERY === 0)
  const failures = []
  for (const stop of points) {
    const run = await runUntil(stop, SEED)
    for (const plan of await plansFor(run, stop, { seed: SEED, choices: 3, secondCrashes: 1 })) {
      const problems = await problemsAfter(run, plan)
      if (problems.length > 0) failures.push({ plan, problems })
    }
  }
  expect(failures, summaryOf(failures)).toEqual([])
})
