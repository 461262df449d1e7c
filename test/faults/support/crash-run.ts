import type { AppendResult } from '../../../broker/log/index.ts'
import type { CallFate, CrashChoice, DiskCall, SimDisk, SimTime } from '../../../kit/testing.ts'
import { createSimDisk, createSimTime, MUTATING_CALLS } from '../../../kit/testing.ts'
import { brokenPromises } from './checker.ts'
import type { Loss, SentBatch } from './ledger.ts'
import { Ledger } from './ledger.ts'
import { observe } from './observation.ts'
import { settleLedger } from './settle.ts'
import { ProcessEnded, StoreLife } from './store-life.ts'
import { runWorkload } from './workload.ts'

/** Where a process ends. */
export interface StopPoint {
  /** Number of the disk call. */
  readonly call: number
  readonly when: 'before' | 'during' | 'after'
}

/** Everything needed to run one crash again; printed as JSON by a failure. */
export interface CrashPlan {
  readonly fault: 'crash'
  readonly seed: number
  readonly stop: StopPoint
  readonly choice: CrashChoice
  /** A second crash, during the recovery from the first. */
  readonly second?: { readonly stop: StopPoint; readonly choice: CrashChoice }
}

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

const PROCEED: CallFate = { kind: 'proceed' }

type Plan = (call: DiskCall) => CallFate

export function stopAt(stop: StopPoint): Plan {
  return ({ number }) => (number === stop.call ? { kind: 'stop', when: stop.when } : PROCEED)
}

/** With even seeds calls take their time, so that many are under way at once; with odd ones none does. */
export function paced(seed: number, plan: Plan): Plan {
  if (seed % 2 === 1) return plan
  return (call) => {
    const fate = plan(call)
    if (fate.kind !== 'proceed') return fate
    return { kind: 'proceed', delayMs: Math.imul(call.number + seed, 0x9e3779b1) >>> 28 }
  }
}

/** Every point at which ending the process may leave something that no other point leaves. */
export function stopPointsOf(calls: readonly DiskCall[]): StopPoint[] {
  return calls
    .filter((call) => MUTATING_CALLS.has(call.kind))
    .flatMap(({ number, kind }) => {
      const isDivisible = kind === 'write' || kind === 'remove'
      const before = { call: number, when: 'before' } as const
      return isDivisible ? [before, { call: number, when: 'during' }] : [before]
    })
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

/** Whether the disk said so, directly or in what lies behind the error. */
export function isStorageError(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && (at.code === 'EIO' || at.code === 'ENOSPC')) return true
  }
  return false
}

function lossOf(choice: CrashChoice): Loss {
  return choice.kind === 'process-kill' ? 'process kill' : 'power loss'
}

function recorder(calls: DiskCall[]): Plan {
  return (call) => {
    calls.push(call)
    return PROCEED
  }
}

/** Waits for a script that may be cut short by the end of its process. */
async function untilEnd(script: Promise<void>): Promise<void> {
  try {
    await script
  } catch (cause) {
    if (!(cause instanceof ProcessEnded)) throw cause
  }
}

type Before = Omit<EndedRun, 'disk'>

/** Opens what is on the disk and asks for the topics that the control plane would ask for. */
async function recover(disk: SimDisk, before: Before): Promise<StoreLife> {
  const time = createSimTime(before.time.clock.now() + 5_000)
  const life = new StoreLife(disk, before.ledger, time)
  await life.open()
  await life.createKnown()
  return life
}

interface LivedOn {
  readonly problems: readonly string[]
  /** Whether the life came so far as to let itself be read. */
  readonly hasShown: boolean
  readonly time: SimTime
}

/** Recovers, checks what is there, and works on; up to the end of the process, should that come first. */
async function liveOn(disk: SimDisk, before: Before, loss: Loss): Promise<LivedOn> {
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
async function settle(life: StoreLife, before: Before, loss: Loss): Promise<string[]> {
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

/** Drops asked for before are asked for again; retries and new appends must be answered rightly. */
async function workAfterRecovery(life: StoreLife): Promise<string[]> {
  const { ledger, store } = life
  const problems: string[] = []
  for (const topic of ledger.topics.values()) {
    if (topic.dropped === 'asked') await life.drop(topic.topicId)
  }
  for (const log of ledger.logs.values()) {
    if (log.topic.dropped !== 'no') continue
    problems.push(...(await retry(life, log.sent)))
    const value = `after-recovery-${log.key}-${log.sent.length}`
    const sent = life.send([{ log: log.key, records: [{ key: 'k', value }] }], { acks: 'durable' })
    const [result] = await life.drive(sent)
    if (result?.kind !== 'appended')
      problems.push(`${log.key}: new append ${JSON.stringify(result)}`)
  }
  if (store.diskState !== 'ok') problems.push(`the disk is said to be ${store.diskState}`)
  return problems
}

/** Resends what each producer could not know: the last five batches that were kept, then the rest. */
async function retry(life: StoreLife, sent: readonly SentBatch[]): Promise<string[]> {
  const problems: string[] = []
  const producers = new Set(sent.map((batch) => batch.producer))
  for (const producer of producers) {
    if (producer === null || producer.skipsAhead) continue
    const batches = sent
      .filter((batch) => batch.producer === producer)
      .sort((a, b) => a.number - b.number)
    const kept = batches.filter(isKept)
    for (const batch of [...kept.slice(-5), ...batches.filter((other) => !isKept(other))]) {
      const before = batch.answer
      const expected = isKept(batch) ? 'duplicate' : 'appended'
      const [result] = await life.drive(life.resend(batch))
      if (result?.kind !== expected || !isSamePlace(before, result)) {
        problems.push(
          `${batch.log}: retry of batch ${batch.number} ${JSON.stringify(result)}, was ${JSON.stringify(before)}`,
        )
      }
    }
  }
  return problems
}

/** In the log, or trimmed from it since; the producer's state covers both. */
function isKept(batch: SentBatch): boolean {
  return batch.answer !== null && 'baseOffset' in batch.answer
}

function isSamePlace(before: AppendResult | null, now: AppendResult): boolean {
  if (!before || !('baseOffset' in before)) return true
  return 'baseOffset' in now && now.baseOffset === before.baseOffset
}
