import { dirname } from 'node:path'
import type { Cancel, Disk, Logger, Timers } from '../../kit/index.ts'
import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { checkpointText, parseCheckpoint } from '../checkpoint/checkpoint.ts'
import type { KeyChain } from '../checkpoint/key-chain.ts'
import type { NoteSigner } from '../checkpoint/note-keys.ts'
import { signNote } from '../checkpoint/signed-note.ts'
import type { FollowedHistory, HistoryEntry } from '../history.ts'
import type { HistoryQuery } from '../history-query.ts'
import type { TileTree } from '../merkle/tile-tree.ts'
import type { ExportHeader } from '../proof/export-lines.ts'
import type { ProofSource } from '../proof/proof-export.ts'
import { exportWithProof } from '../proof/proof-export.ts'
import type { HistoryPage } from '../query.ts'
import { queryHistory } from '../query.ts'
import { HistoryFold } from '../state/history-fold.ts'
import { CheckpointFile } from './checkpoint-file.ts'
import type { CheckpointTarget, PublisherState } from './checkpoint-publisher.ts'
import { CheckpointPublisher } from './checkpoint-publisher.ts'
import { DerivedViews } from './derived-views.ts'
import type { Moment } from './moment.ts'
import { MomentError } from './moment.ts'

export interface TrailOptions {
  readonly history: FollowedHistory
  /** `<data-dir>/audit`; made when it is not there. */
  readonly directory: string
  readonly disk: Disk
  readonly timers: Timers
  readonly logger: Logger
}

export interface SigningOptions {
  readonly signer: NoteSigner
  /** A checkpoint is signed after so many records, and after so long when there were any. */
  readonly everyRecords: number
  readonly everyMs: number
  /** Told of each checkpoint once it is on the disk. */
  readonly onCheckpoint?: () => void
  readonly targets?: readonly CheckpointTarget[]
}

/** Files that can be worked out again; another format gets another name. */
const DERIVED = 'derived-1'
/** Records that are folded to reach a moment after a snapshot, read at a time. */
const READ_RECORDS = 1000

/**
 * The history with all that makes it more than a log: its Merkle tree and signed checkpoints, the
 * state at any moment, an index for queries, exports with proof. Follows the history as it grows;
 * none of it is on the way of an append.
 */
export class HistoryTrail implements ProofSource {
  readonly history: FollowedHistory
  readonly #views: DerivedViews
  readonly #checkpoints: CheckpointFile
  readonly #timers: Timers
  readonly #logger: Logger
  readonly #unsubscribe: () => void
  #signing: SigningOptions | null = null
  #publishers: readonly CheckpointPublisher[] = []
  #cancelTimer: Cancel | null = null
  /** Disk work runs one piece after the other. */
  #work: Promise<void> = Promise.resolve()
  #isCheckpointWaiting = false
  #failures = 0
  #stopping: Promise<void> | null = null

  private constructor(options: TrailOptions, views: DerivedViews, checkpoints: CheckpointFile) {
    this.history = options.history
    this.#views = views
    this.#checkpoints = checkpoints
    this.#timers = options.timers
    this.#logger = options.logger
    this.#unsubscribe = this.history.subscribe((entries) => this.#follow(entries))
  }

  /** Throws a HistoryError when history and checkpoints contradict each other. */
  static async open(options: TrailOptions): Promise<HistoryTrail> {
    const { disk, directory, history } = options
    const derived = `${directory}/${DERIVED}`
    await disk.makeDirectory(derived)
    await disk.syncDirectory(dirname(directory))
    const checkpoints = await CheckpointFile.open(disk, directory)
    const views = new DerivedViews(disk, derived)
    try {
      await views.open(history, checkpoints.last)
    } catch (error) {
      await views.close()
      await checkpoints.close()
      throw error
    }
    return new HistoryTrail(options, views, checkpoints)
  }

  /** The state in effect. It changes with the history; `stateAt` answers one that does not. */
  get state(): HistoryFold {
    return this.#views.fold
  }

  /** The keys that the history names. */
  get keys(): KeyChain {
    return this.#views.keys
  }

  /** Merkle tree over the stored bytes of all records. */
  get tree(): TileTree {
    return this.#views.tree
  }

  get lastCheckpoint(): SignedCheckpoint | null {
    return this.#checkpoints.last
  }

  /** How much of the file of checkpoints there is up to the last one. */
  get checkpointFileBytes(): number {
    return this.#checkpoints.sizeBytes
  }

  get publishers(): readonly PublisherState[] {
    return this.#publishers.map(({ state }) => state)
  }

  /** Checkpoints or files that could not be written so far. */
  get failures(): number {
    return this.#failures
  }

  /** From now on checkpoints are signed with this key, or with another one after a rotation. */
  sign(options: SigningOptions): void {
    this.#signing = options
    this.#publishers = (options.targets ?? []).map(
      (target) => new CheckpointPublisher(target, this.#timers, this.#logger),
    )
    this.#cancelTimer = this.#timers.every(options.everyMs, () => this.#checkpointSoon())
  }

  /** The key that a rotation, whose record is in the history, has put in force. */
  useKey(signer: NoteSigner): void {
    if (this.#signing) this.#signing = { ...this.#signing, signer }
    this.#checkpointSoon()
  }

  /** Signs all records that there are, when that is not done yet. Answers the newest checkpoint. */
  async checkpointNow(): Promise<SignedCheckpoint | null> {
    this.#checkpointSoon()
    await this.#work
    return this.lastCheckpoint
  }

  query(query: HistoryQuery): Promise<HistoryPage> {
    return queryHistory(this.history, query, this.#views.index)
  }

  /** The last record that belongs to a moment. Throws a MomentError when there is none. */
  async seqAt(moment: Moment): Promise<number> {
    const end = this.history.nextSeq
    if ('seq' in moment) {
      if (moment.seq < end) return moment.seq
      throw new MomentError(`the history ends before record ${moment.seq}`)
    }
    const seq = (await this.#views.index.firstAfter(moment.timeMs)) - 1
    if (seq >= 0) return seq
    throw new MomentError('the history begins after that time')
  }

  /** The state as it was right after the last record of that moment. Throws a MomentError. */
  async stateAt(moment: Moment): Promise<HistoryFold> {
    const seq = await this.seqAt(moment)
    if (seq === this.state.seq) return this.state.copy()
    const snapshot = await this.#views.snapshots.newest(seq)
    const fold = snapshot?.fold ?? new HistoryFold()
    while (fold.seq < seq) {
      const limit = Math.min(READ_RECORDS, seq - fold.seq)
      for (const { record } of await this.history.read(fold.seq + 1, limit)) fold.apply(record)
    }
    return fold
  }

  /** Name of the log in its checkpoints. */
  get origin(): string {
    for (const { resource } of this.state.entries()) {
      if (resource.kind === 'cluster') return originOf(resource.name)
    }
    return ''
  }

  async header(from: number): Promise<ExportHeader> {
    const { keys, tree } = this.#views
    const key = keys.keyAt(from)?.text ?? ''
    return { origin: this.origin, key, from, edge: await tree.edgeAt(from) }
  }

  checkpointsAfter(size: number): AsyncIterable<SignedCheckpoint> {
    return this.#checkpoints.after(size)
  }

  /**
   * The bytes of an export with proof of the records from `from` on, up to the last checkpoint that
   * covers no more than `end` records (all, signed now, when left out).
   */
  async *export(from = 0, end?: number): AsyncGenerator<Buffer> {
    const last = await this.checkpointNow()
    yield* exportWithProof(this, from, end ?? last?.size ?? 0)
  }

  /** Signs what is not signed yet and lets go of the files. Bounded by its targets; idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#cancelTimer?.()
    this.#unsubscribe()
    await this.checkpointNow()
    this.#signing = null
    await Promise.all(this.#publishers.map((publisher) => publisher.stop()))
    await this.#work
    await this.#views.close()
    await this.#checkpoints.close()
  }

  #follow(entries: readonly HistoryEntry[]): void {
    let isSegmentFull = false
    for (const entry of entries) isSegmentFull = this.#views.take(entry) || isSegmentFull
    if (isSegmentFull) this.#inOrder(() => this.#views.save())
    const unsigned = this.#views.tree.size - (this.lastCheckpoint?.size ?? 0)
    if (this.#signing && unsigned >= this.#signing.everyRecords) this.#checkpointSoon()
  }

  #checkpointSoon(): void {
    if (!this.#signing || this.#isCheckpointWaiting) return
    this.#isCheckpointWaiting = true
    this.#inOrder(() => {
      this.#isCheckpointWaiting = false
      return this.#checkpoint()
    })
  }

  async #checkpoint(): Promise<void> {
    const { tree, fold, keys } = this.#views
    const { size } = tree
    const signer = this.#signing?.signer
    if (!signer || size <= (this.lastCheckpoint?.size ?? 0)) return
    // Between a rotation's record and `useKey` nobody may sign.
    if (keys.keyAt(size)?.text !== signer.verifier.text) return
    const content = { origin: this.origin, size, root: tree.root(), stateHash: fold.hash() }
    const checkpoint = parseCheckpoint(signNote(checkpointText(content), [signer]))
    // What a checkpoint says must be there after a crash: the tree first, then the checkpoint.
    await tree.flush()
    await this.#checkpoints.append(checkpoint)
    this.#signing?.onCheckpoint?.()
    for (const publisher of this.#publishers) publisher.offer(checkpoint)
  }

  #inOrder(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#failures++
      this.#logger.error({ err: error }, 'the audit trail could not be written')
    })
  }
}

/** The name of a cluster's log: what its key is called, and the first line of its checkpoints. */
export function originOf(clusterId: string): string {
  return `glasslog/${clusterId}`
}
