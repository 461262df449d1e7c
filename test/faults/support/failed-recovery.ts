import type { CrashChoice, DiskCall } from '../../../kit/testing.ts'
import type { StopPoint } from './calls.ts'
import { PROCEED, recorder } from './calls.ts'
import { brokenPromises } from './checker.ts'
import { problemsAfter } from './crash-run.ts'
import type { EndedRun } from './next-life.ts'
import { lossOf, recover } from './next-life.ts'
import { observe } from './observation.ts'
import { isStorageError } from './storage-error.ts'

/** A crash, and then one disk call of the recovery that fails. */
export interface FailedRecoveryPlan {
  readonly fault: 'recovery-error'
  readonly seed: number
  readonly stop: StopPoint
  readonly choice: CrashChoice
  readonly call: number
}

/** The calls of a recovery, up to the moment at which the store is open and complete. */
export async function recordRecovery(run: EndedRun, choice: CrashChoice): Promise<DiskCall[]> {
  const calls: DiskCall[] = []
  await recover(run.disk.afterCrash(choice, { plan: recorder(calls) }), run)
  return calls
}

/**
 * A recovery during which one call fails may open nothing, but then it says that the disk is to
 * blame; and whatever it did, the next one, with a disk that works, finds all that was promised.
 */
export async function problemsAfterFailedRecovery(
  run: EndedRun,
  { seed, choice, call }: FailedRecoveryPlan,
): Promise<string[]> {
  const disk = run.disk.afterCrash(choice, {
    seed,
    plan: ({ number }) => (number === call ? { kind: 'error', code: 'EIO' } : PROCEED),
  })
  const problems: string[] = []
  try {
    const life = await recover(disk, run)
    const observation = await life.drive(observe(life.store))
    problems.push(...brokenPromises(run.ledger, observation, lossOf(choice)))
  } catch (cause) {
    if (!isStorageError(cause)) problems.push(`did not blame the disk: ${String(cause)}`)
  }
  disk.stop()
  for (const kind of ['process-kill', 'nothing'] as const) {
    const again = { ...run, disk, diskErrors: 'fatal' } as const
    const after = await problemsAfter(again, { seed, choice: { kind } })
    problems.push(...after.map((problem) => `then ${kind}: ${problem}`))
  }
  return problems
}
