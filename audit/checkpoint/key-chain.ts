import type { Json, JsonObject } from '../json.ts'
import type { HistoryRecord } from '../record.ts'
import type { NoteSigner, NoteVerifier } from './note-keys.ts'
import { decodeBase64, NoteError, parseVerifierKey } from './note-keys.ts'

/** The operation whose record makes another key the one that signs checkpoints. */
export const KEY_ROTATION = 'audit.key.rotate'

/** The resource that it is about: there is one such key at a time. */
export const AUDIT_KEY_RESOURCE = { kind: 'audit-key', name: 'checkpoint', id: null } as const

/**
 * `after` of a rotation. `endorsement` is the old key's signature over what `endorsedMessage` says;
 * both are null when a key enters a history that had none.
 */
export interface AuditKey {
  readonly verifierKey: string
  readonly previous: string | null
  readonly endorsement: string | null
}

/** `after` of the record of a rotation from `old`, or of the first key when there is no old one. */
export function rotatedKey(old: NoteSigner | null, next: NoteVerifier): AuditKey & JsonObject {
  const endorsement = old?.sign(endorsedMessage(old.verifier.text, next.text)).toString('base64')
  return {
    verifierKey: next.text,
    previous: old?.verifier.text ?? null,
    endorsement: endorsement ?? null,
  }
}

/** Why a key may not take the place of the one before it; null when it may. */
export function rotationFault({ verifierKey, previous, endorsement }: AuditKey): string | null {
  try {
    parseVerifierKey(verifierKey)
    if (previous === null || isEndorsed(previous, verifierKey, endorsement)) return null
    return 'The key in force did not sign the new one.'
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    return `That is not a verifier key: ${error.message}.`
  }
}

/** Whether the old key's holder named the next one. */
function isEndorsed(old: string, next: string, endorsement: string | null): boolean {
  const signature = endorsement === null ? null : decodeBase64(endorsement)
  return signature !== null && parseVerifierKey(old).verify(endorsedMessage(old, next), signature)
}

function endorsedMessage(old: string, next: string): Buffer {
  return Buffer.from(`glasslog audit key rotation v1\n${old}\n${next}\n`)
}

/** A key, and from which tree size on it signs, as a snapshot keeps it. */
export interface KeyTermJson {
  readonly verifierKey: string
  readonly fromSize: number
}

interface KeyTerm {
  readonly verifier: NoteVerifier
  readonly fromSize: number
}

/**
 * The keys that a history says its checkpoints are signed with: the one that record 0 names (its
 * `after.auditKey`), or the first that entered later, and each that a rotation put in its place.
 */
export class KeyChain {
  readonly #terms: KeyTerm[] = []

  constructor(terms: readonly KeyTermJson[] = []) {
    for (const { verifierKey, fromSize } of terms) this.#add(verifierKey, fromSize)
  }

  toJson(): readonly KeyTermJson[] {
    return this.#terms.map(({ verifier, fromSize }) => ({ verifierKey: verifier.text, fromSize }))
  }

  get keys(): readonly NoteVerifier[] {
    return this.#terms.map(({ verifier }) => verifier)
  }

  /** The key in force after the last record. */
  get current(): NoteVerifier | null {
    return this.#terms.at(-1)?.verifier ?? null
  }

  /** The key that signs the checkpoint of that size: a rotation counts from its own record on. */
  keyAt(size: number): NoteVerifier | null {
    return this.#terms.findLast(({ fromSize }) => fromSize <= size)?.verifier ?? null
  }

  /** Begins in the middle of a history, with the key that is in force there. Throws a NoteError. */
  beginWith(verifierKey: string): void {
    this.#add(verifierKey, 0)
  }

  /** Takes the next record, in order. Throws a NoteError when it names a key that may not follow. */
  apply(record: HistoryRecord): void {
    if (record.outcome.code !== 'NONE') return
    if (record.seq === 0) this.#begin(record)
    if (record.operation === KEY_ROTATION) this.#rotate(record)
  }

  #begin({ after }: HistoryRecord): void {
    const auditKey = isObject(after) ? after.auditKey : undefined
    if (typeof auditKey === 'string') this.#add(auditKey, 0)
  }

  #rotate({ seq, after }: HistoryRecord): void {
    const { verifierKey, previous, endorsement } = isObject(after) ? after : {}
    const old = this.current
    if (typeof verifierKey !== 'string') throw new NoteError(`record ${seq} names no key`)
    if (old === null && previous === null) {
      this.#add(verifierKey, 0)
      return
    }
    if (old === null || previous !== old.text) {
      throw new NoteError(`record ${seq} replaces a key that was not in force`)
    }
    if (typeof endorsement !== 'string' || !isEndorsed(old.text, verifierKey, endorsement)) {
      throw new NoteError(`record ${seq} names a key that the old one did not sign`)
    }
    this.#add(verifierKey, seq + 1)
  }

  #add(text: string, fromSize: number): void {
    this.#terms.push({ verifier: parseVerifierKey(text), fromSize })
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
