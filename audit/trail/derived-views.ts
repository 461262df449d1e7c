import type { Disk } from '../../kit/index.ts'
import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { KeyChain } from '../checkpoint/key-chain.ts'
import { NoteError } from '../checkpoint/note-keys.ts'
import type { HistoryEntry, HistoryReader } from '../history.ts'
import { HistoryError } from '../history.ts'
import { EMPTY_ROOT } from '../merkle/hashes.ts'
import { TileTree } from '../merkle/tile-tree.ts'
import { HistoryIndex } from '../search/history-index.ts'
import { HistoryFold } from '../state/history-fold.ts'
import { StateSnapshots } from './state-snapshots.ts'

/** Records read at a time while catching up. */
const READ_RECORDS = 1000
/** Leaves that wait in memory while catching up. */
const MAX_PENDING_LEAVES = 64 * 1024
/** A snapshot is due when the records since the last one take so many times what it took. */
const SNAPSHOT_FACTOR = 2
/** And not before they take so much. */
const MIN_SNAPSHOT_BYTES = 4 * 1024 * 1024

/**
 * Everything that is worked out of the records: tree, state, keys, index. Each can be thrown away
 * and comes back from the history; the files only save the time.
 */
export class DerivedViews {
  readonly tree: TileTree
  readonly index: HistoryIndex
  readonly snapshots: StateSnapshots
  #fold = new HistoryFold()
  #keys = new KeyChain()
  /** Bytes of records since the last snapshot, and bytes that it took. */
  #bytesSince = 0
  #snapshotBytes = MIN_SNAPSHOT_BYTES

  constructor(disk: Disk, directory: string) {
    this.tree = new TileTree(disk, directory)
    this.index = new HistoryIndex(disk, directory)
    this.snapshots = new StateSnapshots(disk, directory)
  }

  get fold(): HistoryFold {
    return this.#fold
  }

  get keys(): KeyChain {
    return this.#keys
  }

  /**
   * Reads what the files have and the rest from the history. Throws a HistoryError when the history
   * is not the one that the checkpoint was signed over.
   */
  async open(history: HistoryReader, last: SignedCheckpoint | null): Promise<void> {
    const end = history.nextSeq
    if (last && last.size > end) {
      throw new HistoryError(
        `the history ends before record ${end}, and a checkpoint was signed over ${last.size} records`,
      )
    }
    const resumed = last !== null && (await this.tree.resume(last.size, last.root))
    if (!resumed) await this.tree.resume(0, EMPTY_ROOT)
    await this.index.open(end)
    await this.snapshots.open()
    const snapshot = await this.snapshots.newest(end - 1)
    if (snapshot) {
      this.#fold = snapshot.fold
      this.#keys = new KeyChain(snapshot.keys)
    }
    await this.#catchUp(history, end)
    if (last && !resumed && !(await this.tree.rootAt(last.size)).equals(last.root)) {
      throw new HistoryError(
        `the first ${last.size} records of the history are not those that the checkpoint was signed over`,
      )
    }
  }

  /** Takes the next record. True when a segment of the index is full and `save` has something to do. */
  take({ record, bytes }: HistoryEntry): boolean {
    const { seq } = record
    if (seq === this.tree.size) this.tree.append(bytes)
    if (seq === this.#fold.seq + 1) {
      this.#fold.apply(record)
      this.#bytesSince += bytes.length
      try {
        this.#keys.apply(record)
      } catch (cause) {
        if (!(cause instanceof NoteError)) throw cause
        throw new HistoryError(`the keys of the history are not sound: ${cause.message}`, { cause })
      }
    }
    return seq === this.index.end && this.index.add(record)
  }

  /** Writes full segments, and a snapshot when one is due. One call at a time. */
  async save(): Promise<void> {
    await this.index.flush()
    const isDue = this.#bytesSince >= SNAPSHOT_FACTOR * this.#snapshotBytes
    if (!isDue) return
    const bytes = this.#bytesSince
    const written = await this.snapshots.write(this.#fold.copy(), this.#keys.toJson())
    this.#snapshotBytes = Math.max(written, MIN_SNAPSHOT_BYTES)
    this.#bytesSince -= bytes
  }

  async close(): Promise<void> {
    await this.tree.close()
    await this.index.close()
  }

  async #catchUp(history: HistoryReader, end: number): Promise<void> {
    let seq = Math.min(this.tree.size, this.#fold.seq + 1, this.index.end)
    let flushedSize = this.tree.size
    while (seq < end) {
      const entries = await history.read(seq, Math.min(READ_RECORDS, end - seq))
      for (const entry of entries) {
        if (this.take(entry)) await this.save()
      }
      seq += entries.length
      if (this.tree.size - flushedSize >= MAX_PENDING_LEAVES) {
        await this.tree.flush()
        flushedSize = this.tree.size
      }
    }
  }
}
