/** Why an export is not what was signed. */
export interface Tampering {
  /** The first record that is not sound, or may not be; -1 when it is about the export as a whole. */
  readonly seq: number
  readonly reason: string
}

/** What a verification found. */
export interface VerifyReport {
  /** `empty`: there is no record in it and no checkpoint from outside that ends where it begins. Nothing is shown. */
  readonly verdict: 'sound' | 'empty' | 'tampered' | 'unreadable'
  readonly tampering: Tampering | null
  readonly origin: string | null
  /** First record, and the one after the last, that were looked at. */
  readonly from: number
  readonly size: number
  /** Root of the tree over all records up to `size`, in hex. */
  readonly root: string
  readonly checkpoints: number
  /** Hash of the state that the records fold to; null when the export does not begin at record 0. */
  readonly stateHash: string | null
  /** Checkpoints whose state hash was compared. */
  readonly stateHashesChecked: number
  readonly resources: number
  /** Sequence numbers of the records that put another key in force. */
  readonly keyRotations: readonly number[]
  /** Checkpoints from outside that agree. Without one, a truncated or re-signed history can look whole. */
  readonly outsideCheckpoints: number
  /** Records whose time is before that of the one before: the clock was set back. */
  readonly clockSteps: number
}
