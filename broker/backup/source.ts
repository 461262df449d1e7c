import type { Uuid } from '../../kit/index.ts'

/** A file of the data directory, as much of it as belongs to the backup. Paths are relative. */
export interface SourceFile {
  readonly path: string
  readonly sizeBytes: number
}

/** What is to be copied, all as of one moment. */
export interface SourceCut {
  readonly id: Uuid
  /** RFC 3339. */
  readonly createdAt: string
  /** Of the journal; these are copied first. */
  readonly journal: readonly SourceFile[]
  /** Of the checkpoint, the history's proof and the format. */
  readonly small: readonly SourceFile[]
  readonly segments: readonly SourceFile[]
  /** The keys, when the source gives them. */
  readonly keys: readonly SourceFile[]
  /** Last frame of the journal; null when only replaying it tells. */
  readonly journalSequence: number | null
  /** Where logs ended at the cut; none when only replaying tells. */
  readonly logs: readonly {
    readonly topicId: Uuid
    readonly partition: number
    readonly topicName: string
    readonly endOffset: number
  }[]
}

/** A data directory that nothing of the cut is taken from until it is closed. */
export interface BackupSource {
  readonly cut: SourceCut
  /** Fills `target` from `position` of the file; answers how many bytes there were. */
  read(path: string, position: number, target: Buffer): Promise<number>
  /** The journal is copied: its files may be used again. */
  journalCopied(): Promise<void>
  /** Called again and again while it is copied; throws a BackupFault when files are not held any more. */
  keepAlive(copiedBytes: number): Promise<void>
}
