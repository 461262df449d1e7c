import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { KeyChain } from '../checkpoint/key-chain.ts'
import { NoteError } from '../checkpoint/note-keys.ts'
import { isSignedBy } from '../checkpoint/signed-note.ts'
import { decodeRecord } from '../codec.ts'
import { HistoryError } from '../history.ts'
import { MerkleFrontier } from '../merkle/frontier.ts'
import { leafHash } from '../merkle/hashes.ts'
import type { HistoryRecord } from '../record.ts'
import { HistoryFold } from '../state/history-fold.ts'

/** What records amount to that lie one after the other from the first one on. */
export interface CheckedRecords {
  readonly size: number
  /** Root of the tree over them, in base64. */
  readonly root: string
  /** Hash of the state that they fold to, in hex. */
  readonly stateHash: string
}

/**
 * Checks the stored bytes of a history's records as they pass by, from the first one on: that none
 * is missing, and that they are what a checkpoint was signed over. Holds the state and O(log n) hashes.
 * Throws a HistoryError that names the record.
 */
export class RecordsCheck {
  readonly #checkpoint: SignedCheckpoint | null
  readonly #tree = new MerkleFrontier()
  readonly #fold = new HistoryFold()
  readonly #keys = new KeyChain()

  constructor(checkpoint: SignedCheckpoint | null) {
    this.#checkpoint = checkpoint
  }

  /** The bytes of the next record. */
  take(bytes: Uint8Array): void {
    const record = decodeRecord(bytes, this.#tree.size)
    this.#fold.apply(record)
    this.#applyKeys(record)
    this.#tree.append(leafHash(bytes))
    if (this.#tree.size === this.#checkpoint?.size) this.#compare(this.#checkpoint)
  }

  finish(): CheckedRecords {
    const { size } = this.#tree
    const signed = this.#checkpoint?.size ?? 0
    if (signed > size) {
      throw new HistoryError(
        `a checkpoint was signed over ${signed} records, but there are ${size}`,
      )
    }
    return { size, root: this.#tree.root().toString('base64'), stateHash: this.#fold.hash() }
  }

  #applyKeys(record: HistoryRecord): void {
    try {
      this.#keys.apply(record)
    } catch (cause) {
      if (!(cause instanceof NoteError)) throw cause
      throw new HistoryError(`the keys of the history are not sound: ${cause.message}`, { cause })
    }
  }

  #compare({ size, root, stateHash, note }: SignedCheckpoint): void {
    const key = this.#keys.keyAt(size)
    if (key === null || !isSignedBy(note, key)) {
      throw new HistoryError(`the checkpoint of ${size} records is not signed by the history's key`)
    }
    if (!this.#tree.root().equals(root)) {
      throw new HistoryError(`the first ${size} records are not those that were signed`)
    }
    if (stateHash !== null && this.#fold.hash() !== stateHash) {
      throw new HistoryError(`the state after ${size} records is not the one that was signed`)
    }
  }
}
