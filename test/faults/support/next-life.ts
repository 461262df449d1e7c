import type { CrashChoice, SimDisk, SimTime } from '../../../kit/testing.ts'
import { createSimTime } from '../../../kit/testing.ts'
import { brokenPromises } from './checker.ts'
import type { Ledger, Loss } from './ledger.ts'
import { observe } from './observation.ts'
import { settleLedger } from './settle.ts'
import { ProcessEnded, StoreLife } from './store-life.ts'
import { workAfterRecovery } from './work-after-recovery.ts'

/** A process that ended in the middle of its work: its disk, and what it had promised. */
export interface EndedRun {
  readonly disk: SimDisk
  readonly ledger: Ledger
  readonly time: SimTime
  /**
   * Disk errors that the process met before. Once they ended it, even the page cache may lack what
   * was not synced; in any case files may be left over that nobody could remove.
   */
  readonly diskErrors?: 'outlived' | 'fatal'
}

export function lossOf(choice: CrashChoice): Loss {
  return choice.kind === 'process-kill' ? 'process kill' : 'power loss'
}

/** Waits for a script that may be cut short by the end of its process. */
export async function untilEnd(script: Promise<void>): Promise<void> {
  try {
    await script
  } catch (cause) {
    if (!(cause instanceof ProcessEnded)) throw cause
  }
}

/** What the life before left, but for its disk. */
export type Before = Omit<EndedRun, 'disk'>

/** Opens what is on the disk and asks for the topics that the control plane would ask for. */
export async function recover(disk: SimDisk, before: Before): Promise<StoreLife> {
  const time = createSimTime(before.time.clock.now() + 5_000)
  const life = new StoreLife(disk, before.ledger, time)
  await life.open()
  await life.createKnown()
  return life
}

export interface LivedOn {
  readonly problems: readonly string[]
  /** Whether the life came so far as to let itself be read. */
  readonly hasShown: boolean
  readonly time: SimTime
}

/** Recovers, checks what is there, and works on; up to the end of the process, should that come first. */
export async function liveOn(disk: SimDisk, before: Before, loss: Loss): Promise<LivedOn> {
  const problems: string[] = []
  let hasShown = false
  let { time } = before
  await untilEnd(
    (async () => {
      const life = await recover(disk, before)
      time = life.time
      problems.push(...(await settle(life, before, loss)))
      hasShown = true
      if (problems.length === 0) problems.push(...(await workAfterRecovery(life)))
    })(),
  )
  return { problems, hasShown, time }
}

/** Checks a store that never stopped, after faults that should not have mattered. */
export async function problemsInSameLife(life: StoreLife): Promise<string[]> {
  const observation = await life.drive(observe(life.store))
  return brokenPromises(life.ledger, observation, 'process kill', 'same life')
}

/** Checks an opened store against the ledger, and from then on holds it to what it showed. */
export async function settle(life: StoreLife, before: Before, loss: Loss): Promise<string[]> {
  const observation = await life.drive(observe(life.store))
  const problems = brokenPromises(life.ledger, observation, loss)
  if (before.diskErrors === undefined) problems.push(...baselessSuspicions(life))
  settleLedger(life.ledger, observation)
  life.acceptEpoch()
  return problems
}

/** A crash damages nothing, so recovery has no reason to set anything aside. */
function baselessSuspicions(life: StoreLife): string[] {
  const { quarantined = [], unknownDirectories = [] } = life.recovery ?? {}
  return [
    ...quarantined.map(({ reason }) => `took a healthy log for damaged: ${reason}`),
    ...unknownDirectories.map((path) => `did not know ${path}`),
  ]
}
