import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { parseCheckpoint } from '../checkpoint/checkpoint.ts'
import { KEY_ROTATION, KeyChain } from '../checkpoint/key-chain.ts'
import type { NoteVerifier } from '../checkpoint/note-keys.ts'
import { NoteError } from '../checkpoint/note-keys.ts'
import { isSignedBy } from '../checkpoint/signed-note.ts'
import { decodeRecord } from '../codec.ts'
import { HistoryError } from '../history.ts'
import { MerkleFrontier } from '../merkle/frontier.ts'
import { leafHash } from '../merkle/hashes.ts'
import type { ExportHeader, ExportLine } from '../proof/export-lines.ts'
import { parseExportLine } from '../proof/export-lines.ts'
import type { HistoryRecord } from '../record.ts'
import { HistoryFold } from '../state/history-fold.ts'
import { OutsideCheckpoints } from './outside-checkpoints.ts'
import type { Tampering, VerifyReport } from './verify-report.ts'

export interface VerifyOptions {
  /** The key that the reader trusts; any one of those that the history was ever signed with. */
  readonly key: NoteVerifier
  /** Checkpoints that were published where whoever keeps the history cannot change them. */
  readonly outside?: readonly SignedCheckpoint[]
}

const NOT_AN_EXPORT = 'this is not an export of a history with proof'

/** Ends the look at an export: it is not what was signed. */
class TamperedError extends Error {
  readonly seq: number

  constructor(seq: number, reason: string) {
    super(reason)
    this.seq = seq
  }
}

/**
 * Verifies an export line by line, with nothing but the export and a key: every leaf hash, that no
 * sequence number is missing, every checkpoint's signature, that each checkpoint's tree is the
 * beginning of the next one's, the keys' rotations, and the state that the records fold to. Holds
 * the state and O(log n) hashes in memory.
 */
export class HistoryVerifier {
  readonly #options: VerifyOptions
  readonly #outside: OutsideCheckpoints
  readonly #keys = new KeyChain()
  readonly #rotations: number[] = []
  #header: ExportHeader | null = null
  #tree = new MerkleFrontier()
  #fold: HistoryFold | null = null
  #tampering: Tampering | null = null
  #unreadable: string | null = null
  /** Records that a sound checkpoint covers. */
  #coveredSize = 0
  #checkpoints = 0
  #stateHashesChecked = 0
  #clockSteps = 0
  #lastTimeMs = Number.NEGATIVE_INFINITY
  #isEnded = false
  #isEmpty = false
  /** Lines that stand where the header should. */
  #linesBefore = 0

  constructor(options: VerifyOptions) {
    this.#options = options
    this.#outside = new OutsideCheckpoints(options.outside ?? [])
  }

  /** Takes the next line, without its line break. False when there is no point in going on. */
  line(bytes: Buffer): boolean {
    if (this.#tampering || this.#unreadable !== null) return false
    try {
      this.#take(bytes)
      return true
    } catch (error) {
      return this.#fail(error)
    }
  }

  /** What came of it. `cutOff` says that the last line had no line break. */
  finish(cutOff = false): VerifyReport {
    if (!this.#tampering && this.#unreadable === null) {
      try {
        this.#end(cutOff)
      } catch (error) {
        this.#fail(error)
      }
    }
    return this.#report()
  }

  #fail(error: unknown): boolean {
    if (error instanceof TamperedError) {
      this.#tampering = { seq: error.seq, reason: error.message }
      return false
    }
    if (error instanceof Error && error.name === 'ExportVersionError') {
      this.#unreadable = error.message
      return false
    }
    throw error
  }

  #take(bytes: Buffer): void {
    const line = parseExportLine(bytes)
    const size = this.#tree.size
    if (!this.#header) {
      this.#first(line)
      return
    }
    if (line === null || line.kind === 'header') {
      throw new TamperedError(size, `the line where record ${size} should be cannot be understood`)
    }
    if (this.#isEnded) throw new TamperedError(size, 'there are lines after the end')
    if (line.kind === 'record') this.#record(line.leaf, line.bytes)
    else if (line.kind === 'checkpoint') this.#checkpoint(line.text)
    else this.#endLine(line.size)
  }

  /** Records without a header before them are an export whose header was spoilt, not something else. */
  #first(line: ExportLine | null): void {
    if (line?.kind === 'header' && this.#linesBefore === 0) this.#begin(line.header)
    else if (line?.kind === 'record') throw new TamperedError(0, 'the header cannot be understood')
    else if (this.#linesBefore++ > 0) this.#unreadable = NOT_AN_EXPORT
  }

  #begin(header: ExportHeader): void {
    const { from, edge, key } = header
    this.#header = header
    try {
      this.#tree = new MerkleFrontier(from, edge)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new TamperedError(from, 'the header has a tree that cannot be')
    }
    this.#coveredSize = from
    if (from === 0) {
      this.#fold = new HistoryFold()
      return
    }
    this.#noteProblem(from, () => this.#keys.beginWith(key))
    this.#compareOutside()
  }

  #record(leafText: string, bytes: Buffer): void {
    const seq = this.#tree.size
    const leaf = leafHash(bytes)
    if (leaf.toString('base64') !== leafText) {
      throw new TamperedError(seq, `record ${seq} does not have its hash`)
    }
    const record = this.#decode(bytes, seq)
    this.#tree.append(leaf)
    this.#noteProblem(seq, () => this.#keys.apply(record))
    if (record.operation === KEY_ROTATION && record.outcome.code === 'NONE')
      this.#rotations.push(seq)
    const timeMs = Date.parse(record.recordedAt)
    if (timeMs < this.#lastTimeMs) this.#clockSteps++
    this.#lastTimeMs = timeMs
    this.#fold?.apply(record)
    this.#compareOutside()
  }

  #decode(bytes: Buffer, seq: number): HistoryRecord {
    try {
      return decodeRecord(bytes, seq)
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error
      throw new TamperedError(seq, error.message)
    }
  }

  #checkpoint(text: string): void {
    const from = this.#coveredSize
    const checkpoint = this.#parse(text, from)
    const size = this.#tree.size
    const fault = this.#faultOf(checkpoint, size)
    if (fault !== null) {
      const which = size - from > 1 ? `records ${from} to ${size - 1}` : `record ${from}`
      throw new TamperedError(from, `${which}: ${fault}`)
    }
    if (size === from && this.#checkpoints > 0) {
      throw new TamperedError(from, `there are two checkpoints of ${size} records`)
    }
    this.#checkpoints++
    this.#coveredSize = size
  }

  #parse(text: string, from: number): SignedCheckpoint {
    try {
      return parseCheckpoint(text)
    } catch (error) {
      if (!(error instanceof NoteError)) throw error
      throw new TamperedError(from, `the checkpoint after record ${from}: ${error.message}`)
    }
  }

  /** What is wrong with a checkpoint of the records up to here; null when it is sound. */
  #faultOf(checkpoint: SignedCheckpoint, size: number): string | null {
    const { origin, root, stateHash, note } = checkpoint
    if (origin !== this.#header?.origin) return `the checkpoint is of another log, ${origin}`
    if (checkpoint.size !== size)
      return `a checkpoint of ${checkpoint.size} records comes after ${size}`
    const key = this.#keys.keyAt(size)
    if (!key) return 'the history names no key that signs its checkpoints'
    if (!isSignedBy(note, key)) return 'the checkpoint is not signed by the key in force'
    // Nothing could be said about a signature of a key that the history does not know.
    if (note.signatures.length !== 1) return 'the checkpoint has signatures of unknown keys'
    if (!root.equals(this.#tree.root()))
      return 'they are not those that the checkpoint was signed over'
    if (this.#fold && stateHash !== null) {
      if (this.#fold.hash() !== stateHash) return 'they do not fold to the state of the checkpoint'
      this.#stateHashesChecked++
    }
    return null
  }

  #compareOutside(): void {
    const size = this.#tree.size
    const fault = this.#outside.compare(size, this.#tree, this.#keys)
    if (fault !== null) throw new TamperedError(this.#outside.agreedSize, fault)
  }

  #endLine(size: number): void {
    if (size !== this.#tree.size) {
      throw new TamperedError(
        this.#tree.size,
        `the export ends at ${size} records and has ${this.#tree.size}`,
      )
    }
    this.#isEnded = true
  }

  #end(cutOff: boolean): void {
    const size = this.#tree.size
    if (!this.#header) {
      this.#unreadable = NOT_AN_EXPORT
      return
    }
    if (!this.#isEnded || cutOff)
      throw new TamperedError(size, `the export is cut off before record ${size}`)
    if (size === this.#header.from && this.#outside.agreed === 0) {
      this.#finishOutside(size)
      // Nobody signed what the header says: without a record, only a checkpoint from outside would show it.
      this.#isEmpty = true
      return
    }
    const { key } = this.#options
    if (!this.#keys.keys.some(({ text }) => text === key.text)) {
      throw new TamperedError(
        this.#header.from,
        `the history was never signed with the key ${key.text}`,
      )
    }
    if (this.#header.key !== this.#firstKey()) {
      throw new TamperedError(this.#header.from, 'the header names another key than the history')
    }
    if (this.#coveredSize < size) {
      throw new TamperedError(
        this.#coveredSize,
        `no checkpoint covers the records from ${this.#coveredSize} on`,
      )
    }
    this.#finishOutside(size)
  }

  #finishOutside(size: number): void {
    const fault = this.#outside.finish(size)
    if (fault !== null) throw new TamperedError(size, fault)
  }

  #firstKey(): string | undefined {
    return this.#keys.keys[0]?.text
  }

  #noteProblem(seq: number, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof NoteError)) throw error
      throw new TamperedError(seq, error.message)
    }
  }

  #verdict(): VerifyReport['verdict'] {
    if (this.#unreadable !== null) return 'unreadable'
    if (this.#tampering) return 'tampered'
    return this.#isEmpty ? 'empty' : 'sound'
  }

  #report(): VerifyReport {
    const verdict = this.#verdict()
    const tampering =
      this.#unreadable !== null ? { seq: -1, reason: this.#unreadable } : this.#tampering
    return {
      verdict,
      tampering,
      origin: this.#header?.origin ?? null,
      from: this.#header?.from ?? 0,
      size: this.#tree.size,
      root: this.#tree.root().toString('hex'),
      checkpoints: this.#checkpoints,
      stateHash: verdict === 'sound' ? (this.#fold?.hash() ?? null) : null,
      stateHashesChecked: this.#stateHashesChecked,
      resources: this.#fold?.size ?? 0,
      keyRotations: this.#rotations,
      outsideCheckpoints: this.#outside.agreed,
      clockSteps: this.#clockSteps,
    }
  }
}
