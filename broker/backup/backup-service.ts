import type { HistoryTrail } from '../../audit/index.ts'
import type { Cancel, Clock, Disk, Logger, Random, Timers, Uuid } from '../../kit/index.ts'
import { randomUuid, readWholeFile } from '../../kit/index.ts'
import type { Actor, ControlPlane, CreateBackup, Outcome } from '../control/index.ts'
import { AUDIT_TOPIC, systemActor } from '../control/index.ts'
import type { LiveBackup, LogStore } from '../log/index.ts'
import { BackupError } from '../log/index.ts'
import { FileReader } from './file-reader.ts'
import type { SourceCut, SourceFile } from './source.ts'

export interface BackupServiceOptions {
  readonly dataDirectory: string
  readonly control: ControlPlane
  readonly log: LogStore & { beginBackup(): Promise<LiveBackup> }
  readonly trail: HistoryTrail
  /** How much of the file of cosignatures there is; null when there is none. */
  readonly cosignatureBytes: () => number | null
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** Files are held so long after somebody who copies them was heard of last. */
export const LEASE_MS = 60_000
/** And so long at all: what they take is not there for new records. */
const LONGEST_MS = 24 * 3_600_000
/** While the history goes on all the time, its last checkpoint is a little behind. */
const SIGNING_ATTEMPTS = 5

/** Files that are replaced as a whole, so that only a copy is of the moment. */
const SMALL_FILES: readonly string[] = ['format.json', 'audit/checkpoint.pub', 'audit/push']

/** A backup that is not, or not any more, being made. */
export class UnknownBackupError extends Error {
  override readonly name = 'UnknownBackupError'
}

/** A backup that has begun. */
export interface BegunBackup {
  readonly outcome: Outcome<CreateBackup>
  /** Null when it was refused, or only tried out. */
  readonly cut: SourceCut | null
}

/** The result that whoever copied tells. */
export type BackupEnd = Pick<CreateBackup, 'content' | 'failure'>

interface Running {
  readonly id: Uuid
  /** The record of the beginning names them as who got the data. */
  readonly principal: string
  readonly live: LiveBackup
  readonly cut: SourceCut
  /** Contents as of the cut, by their paths. */
  readonly contents: ReadonlyMap<string, Buffer>
  readonly sizes: ReadonlyMap<string, number>
  readonly startedMs: number
  touchedMs: number
}

/**
 * Backups of the running broker, one at a time: it makes the cut, holds the files and gives them
 * out; who copies them is outside. Both ends are records. Whoever is not heard of any more has the
 * files held for a minute.
 */
export class BackupService {
  readonly #options: BackupServiceOptions
  readonly #cancelWatch: Cancel
  #running: Running | null = null

  private constructor(options: BackupServiceOptions) {
    this.#options = options
    this.#cancelWatch = options.timers.every(1_000, () => void this.#watch())
  }

  /** Puts an end to what a crash cut short. */
  static async open(options: BackupServiceOptions): Promise<BackupService> {
    const service = new BackupService(options)
    const backupId = options.control.state.runningBackup
    if (backupId !== null) await service.#record(backupId, 'the broker ended while it was made')
    return service
  }

  /** Throws a BackupError when no cut can be made. */
  async begin(
    actor: Actor,
    options: { readonly validateOnly: boolean; readonly reason: string | undefined },
  ): Promise<BegunBackup> {
    const { control, random, log } = this.#options
    const id = randomUuid(random)
    const command = { kind: 'backup.create', backupId: id, phase: 'running' } as const
    const { validateOnly, reason } = options
    const [outcome] = await control.execute([command], actor, {
      validateOnly,
      ...(reason === undefined ? {} : { notes: [{ reason }] }),
    })
    if (!outcome) throw new Error('a command has an outcome')
    if (outcome.error !== 'NONE' || validateOnly) return { outcome, cut: null }
    let live: LiveBackup | null = null
    try {
      live = await log.beginBackup()
      return { outcome, cut: await this.#cut(id, live, actor) }
    } catch (error) {
      await live?.release()
      const isKnown = error instanceof BackupError
      await this.#record(id, isKnown ? error.message : 'the cut could not be made')
      throw error
    }
  }

  /** Throws an UnknownBackupError for whoever did not begin it: nobody gets all data without a record. */
  requireBegunBy(id: Uuid, { principal }: Actor): void {
    if (this.#running?.id === id && this.#running.principal === principal) return
    throw new UnknownBackupError(`backup ${id} is not being made by ${principal}`)
  }

  /**
   * Bytes of a file of the backup; none from its end on. Throws an UnknownBackupError for another one,
   * a BackupError when it was given up.
   */
  async read(id: Uuid, path: string, position: number, lengthBytes: number): Promise<Buffer> {
    const running = this.#touch(id)
    const sizeBytes = running.sizes.get(path)
    if (sizeBytes === undefined) throw new UnknownBackupError(`${path} is no file of it`)
    if (position >= sizeBytes) return Buffer.alloc(0)
    const target = Buffer.alloc(Math.min(lengthBytes, sizeBytes - position))
    const content = running.contents.get(path)
    if (content) {
      content.copy(target, 0, position)
      return target
    }
    // A reader has one file open, so two requests at once would take it away from each other.
    const reader = new FileReader(this.#options.disk, this.#options.dataDirectory)
    try {
      return target.subarray(0, await reader.read(path, position, target))
    } finally {
      await reader.close()
    }
  }

  /** Who copies is still there, and perhaps has all of the journal. Throws as `read` does. */
  keepAlive(id: Uuid, isJournalCopied: boolean): void {
    const { live } = this.#touch(id)
    if (isJournalCopied) live.releaseJournal()
  }

  /** Nothing is held any more, and what came of it is recorded; neither when it is only tried out. */
  async end(
    id: Uuid,
    actor: Actor,
    end: BackupEnd,
    {
      validateOnly = false,
      reason,
    }: { readonly validateOnly?: boolean; readonly reason?: string } = {},
  ): Promise<Outcome<CreateBackup>> {
    const phase = end.failure === undefined ? 'done' : 'failed'
    const command = { kind: 'backup.create', backupId: id, phase, ...end } as const
    const [outcome] = await this.#options.control.execute([command], actor, {
      validateOnly,
      ...(reason === undefined ? {} : { notes: [{ reason }] }),
    })
    if (!outcome) throw new Error('a command has an outcome')
    if (outcome.error === 'NONE' && !validateOnly) await this.#release()
    return outcome
  }

  async stop(): Promise<void> {
    this.#cancelWatch()
    if (this.#running) await this.#giveUp(this.#running, 'the broker stops')
  }

  async #cut(id: Uuid, live: LiveBackup, { principal }: Actor): Promise<SourceCut> {
    const { dataDirectory, disk, clock } = this.#options
    const contents = new Map<string, Buffer>()
    for (const path of SMALL_FILES) {
      const bytes = await readWholeFile(disk, `${dataDirectory}/${path}`)
      if (bytes !== null) contents.set(path, bytes)
    }
    const proof = await this.#signedToTheEnd()
    const { checkpoint, ...storeCut } = await live.cut()
    contents.set('checkpoint', checkpoint)
    const small = [
      ...Array.from(contents, ([path, { length }]) => ({ path, sizeBytes: length })),
      ...proof,
    ]
    const createdAt = new Date(clock.now()).toISOString()
    const cut: SourceCut = { id, createdAt, ...storeCut, small, keys: [] }
    const files = [...cut.journal, ...small, ...cut.segments]
    const nowMs = clock.monotonicMs()
    this.#running = {
      ...{ id, principal, live, cut, contents, startedMs: nowMs, touchedMs: nowMs },
      sizes: new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes])),
    }
    return cut
  }

  /**
   * Signs the history up to its last record, and answers how much of the files of checkpoints belongs
   * to it. What is done next without waiting is of the same moment.
   */
  async #signedToTheEnd(): Promise<readonly SourceFile[]> {
    const { trail, log, cosignatureBytes } = this.#options
    for (let attempt = 1; attempt <= SIGNING_ATTEMPTS; attempt++) {
      const checkpoint = await trail.checkpointNow()
      if (checkpoint?.size === log.find(AUDIT_TOPIC.id, 0)?.endOffset) break
    }
    const cosigned = cosignatureBytes()
    return [
      { path: 'audit/checkpoints', sizeBytes: trail.checkpointFileBytes },
      ...(cosigned === null ? [] : [{ path: 'audit/cosignatures', sizeBytes: cosigned }]),
    ]
  }

  #touch(id: Uuid): Running {
    const running = this.#running
    if (running?.id !== id) throw new UnknownBackupError(`backup ${id} is not being made`)
    if (running.live.failure !== null) throw new BackupError(running.live.failure)
    running.touchedMs = this.#options.clock.monotonicMs()
    return running
  }

  async #watch(): Promise<void> {
    const running = this.#running
    if (!running) return
    const nowMs = this.#options.clock.monotonicMs()
    const { live, touchedMs, startedMs } = running
    if (live.failure !== null) await this.#giveUp(running, live.failure)
    else if (nowMs - touchedMs > LEASE_MS) {
      await this.#giveUp(running, 'whoever copied it was not heard of any more')
    } else if (nowMs - startedMs > LONGEST_MS) await this.#giveUp(running, 'it took too long')
  }

  async #giveUp({ id }: Running, failure: string): Promise<void> {
    await this.#release()
    await this.#record(id, failure)
  }

  async #release(): Promise<void> {
    const running = this.#running
    this.#running = null
    await running?.live.release()
  }

  async #record(id: Uuid, failure: string): Promise<void> {
    const { control, logger } = this.#options
    logger.warn({ backupId: id, failure }, 'a backup was not made')
    const command = { kind: 'backup.create', backupId: id, phase: 'failed', failure } as const
    await control.execute([command], systemActor)
  }
}
