import type { CrashChoice, DiskCall } from '../../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../../kit/testing.ts'
import type { StopPoint } from './calls.ts'
import { paced, recorder, stopAt } from './calls.ts'
import { Ledger } from './ledger.ts'
import type { EndedRun } from './next-life.ts'
import { liveOn, lossOf, recover, settle, untilEnd } from './next-life.ts'
import { StoreLife } from './store-life.ts'
import { runWorkload } from './workload.ts'

/** Everything needed to run one crash again; printed as JSON by a failure. */
export interface CrashPlan {
  readonly fault: 'crash'
  readonly seed: number
  readonly stop: StopPoint
  readonly choice: CrashChoice
  /** A second crash, during the recovery from the first. */
  readonly second?: { readonly stop: StopPoint; readonly choice: CrashChoice }
}

/** Runs the workload without a fault; answers every disk call it made. */
export async function recordCalls(seed: number): Promise<DiskCall[]> {
  const calls: DiskCall[] = []
  const time = createSimTime()
  const plan = paced(seed, recorder(calls))
  const disk = createSimDisk({ seed, timers: time.timers, plan })
  const life = new StoreLife(disk, new Ledger(), time)
  await runWorkload(life, seed)
  return calls
}

export async function runUntil(stop: StopPoint, seed: number): Promise<EndedRun> {
  const time = createSimTime()
  const disk = createSimDisk({ seed, timers: time.timers, plan: paced(seed, stopAt(stop)) })
  const ledger = new Ledger()
  await untilEnd(runWorkload(new StoreLife(disk, ledger, time), seed))
  disk.stop()
  return { disk, ledger, time }
}

/** The calls of the life after `choice`: recovery, and then the work that follows it. */
export async function recordNextLife(run: EndedRun, choice: CrashChoice): Promise<DiskCall[]> {
  const calls: DiskCall[] = []
  const disk = run.disk.afterCrash(choice, { plan: recorder(calls) })
  try {
    await liveOn(disk, { ledger: run.ledger.clone(), time: run.time }, lossOf(choice))
  } catch {
    // The plan without a second crash reports it; what was called until then can still be cut short.
  }
  return calls
}

/** Lives on after the crash (and after another one in that life), and checks every promise. */
export async function problemsAfter(
  run: EndedRun,
  plan: Omit<CrashPlan, 'fault' | 'stop'>,
): Promise<string[]> {
  const { seed, choice, second } = plan
  const ledger = run.ledger.clone()
  try {
    const disk = run.disk.afterCrash(choice, {
      seed,
      ...(second ? { plan: stopAt(second.stop) } : {}),
    })
    const loss = run.diskErrors === 'fatal' ? 'power loss' : lossOf(choice)
    let life = await liveOn(disk, { ...run, ledger }, loss)
    let last = disk
    if (second && life.problems.length === 0) {
      disk.stop()
      last = disk.afterCrash(second.choice, { seed })
      // What the second life did not come to show is still owed by the first.
      const isLostTwice = !life.hasShown && loss === 'power loss'
      life = await liveOn(
        last,
        { ...run, ledger, time: life.time },
        isLostTwice ? loss : lossOf(second.choice),
      )
    }
    if (life.problems.length > 0) return [...life.problems]

    // All of that was durable, or it would not have been shown: power loss may take nothing of it.
    last.stop()
    const before = { ...run, ledger, time: life.time }
    const end = await recover(last.afterCrash({ kind: 'nothing' }), before)
    return (await settle(end, before, 'power loss')).map(
      (problem) => `in the last life: ${problem}`,
    )
  } catch (cause) {
    return [cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)]
  }
}
