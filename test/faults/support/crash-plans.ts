import { seededRandom } from '../../../kit/index.ts'
import type { StopPoint } from './calls.ts'
import { stopPointsOf } from './calls.ts'
import type { CrashPlan } from './crash-run.ts'
import { recordNextLife } from './crash-run.ts'
import type { EndedRun } from './next-life.ts'

export interface CrashBounds {
  readonly seed: number
  /** Disks that the crash may leave: all, or that many. */
  readonly choices: number
  /** Crashes during the recovery from one of them. */
  readonly secondCrashes: number
}

/** What is tried after a process ended at `stop`: every legal disk (bounded), and a second crash (sampled). */
export async function plansFor(
  run: EndedRun,
  stop: StopPoint,
  bounds: CrashBounds,
): Promise<CrashPlan[]> {
  const { seed } = bounds
  const random = seededRandom(seed ^ (stop.call * 7919))
  const choices = run.disk.crashChoices(bounds.choices, random.below(2 ** 32))
  const plans: CrashPlan[] = choices.map((choice) => ({ fault: 'crash', seed, stop, choice }))
  const again = choices[random.below(choices.length)]
  if (!again) return plans
  const points = stopPointsOf(await recordNextLife(run, again))
  for (let i = 0; i < bounds.secondCrashes && points.length > 0; i++) {
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
