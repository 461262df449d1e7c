import type { Cancel, Clock, Timers } from '../../kit/index.ts'
import type { LogStore } from '../log/index.ts'
import type { Command } from './commands.ts'
import type { ClusterState, DeletedTopic } from './port.ts'
import type { RecordNote } from './record-note.ts'

/** A command of the broker's own, and why it gives it. */
export interface UpkeepTask {
  readonly command: Command
  readonly note: RecordNote
}

/** How often the broker looks for what is due. */
const CHECK_MS = 1000
/** What one check does at most, so that others get their turn. */
const MAX_TASKS = 100
/** After giving space back, for as long nothing more is taken: the engine has to notice first. */
const PRESSURE_PAUSE_MS = 10_000

export interface UpkeepLimits {
  readonly isDiskFull: boolean
  /** Partitions that deleted topics may hold together. */
  readonly maxRetainedPartitions: number
}

/**
 * What is due: topics whose time to be restored is over, or whose space is needed sooner, the oldest
 * first; and tokens that have expired. Pure.
 */
export function dueUpkeep(
  state: ClusterState,
  nowMs: number,
  limits: UpkeepLimits,
): readonly UpkeepTask[] {
  const tasks: UpkeepTask[] = [...duePurges(state, nowMs, limits)]
  for (const { id, expiresAtMs } of state.delegationTokens.values()) {
    if (expiresAtMs >= nowMs) continue
    const command = { kind: 'delegation-token.expire', id, expiryPeriodMs: -1 } as const
    tasks.push({ command, note: { reason: 'it has expired' } })
  }
  for (const { id, expiresAtMs } of state.tokens.values()) {
    if (expiresAtMs < 0 || expiresAtMs >= nowMs) continue
    tasks.push({ command: { kind: 'token.revoke', id }, note: { reason: 'it has expired' } })
  }
  return tasks.slice(0, MAX_TASKS)
}

function* duePurges(
  state: ClusterState,
  nowMs: number,
  { isDiskFull, maxRetainedPartitions }: UpkeepLimits,
): Generator<UpkeepTask> {
  const kept: DeletedTopic[] = []
  for (const topic of state.deletedTopics.values()) {
    if (topic.isPurging) yield purge(topic, 'a purge that failed before')
    else if (topic.purgeAtMs <= nowMs) yield purge(topic, 'topic.undelete.retention.ms is over')
    else kept.push(topic)
  }
  kept.sort((one, other) => one.deletedAtMs - other.deletedAtMs)
  const [oldest] = kept
  if (isDiskFull && oldest) {
    yield purge(oldest, 'the disk is full')
    return
  }
  let partitions = kept.reduce((sum, { partitionCount }) => sum + partitionCount, 0)
  for (const topic of kept) {
    if (partitions <= maxRetainedPartitions) return
    partitions -= topic.partitionCount
    yield purge(topic, 'deleted topics have too many partitions')
  }
}

function purge({ id }: DeletedTopic, reason: string): UpkeepTask {
  return { command: { kind: 'topic.purge', id }, note: { reason } }
}

export interface UpkeepOptions {
  readonly log: LogStore
  readonly state: ClusterState
  readonly clock: Clock
  readonly timers: Timers
  readonly maxRetainedPartitions: () => number
  readonly run: (tasks: readonly UpkeepTask[]) => Promise<void>
}

/** Does what is due, as it falls due. */
export class Upkeep {
  readonly #options: UpkeepOptions
  #cancel: Cancel = () => {}
  #isStopped = false
  #noPressureBeforeMs = 0

  constructor(options: UpkeepOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#isStopped) return
    this.#cancel = this.#options.timers.after(CHECK_MS, () => {
      void this.check().then(() => this.start())
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  /** Never rejects. */
  async check(): Promise<void> {
    const { log, state, clock, maxRetainedPartitions, run } = this.#options
    const nowMs = clock.monotonicMs()
    const isDiskFull = log.diskState === 'full' && nowMs >= this.#noPressureBeforeMs
    if (isDiskFull) this.#noPressureBeforeMs = nowMs + PRESSURE_PAUSE_MS
    const tasks = dueUpkeep(state, clock.now(), {
      isDiskFull,
      maxRetainedPartitions: maxRetainedPartitions(),
    })
    if (tasks.length > 0) await run(tasks)
  }
}
