import type { Uuid } from '../../kit/index.ts'
import type { RoleRule } from './access.ts'

/**
 * What a record keeps instead of a secret: where `__secrets` has it, and a commitment to it
 * (SHA-256 of a salt, which lies beside the secret, and the secret), so that a secret that is shown
 * later can be proved to be the one that was meant, and nothing can be guessed from the record.
 */
export interface SecretReference {
  readonly secretId: Uuid
  /** Base64. */
  readonly commitment: string
}

export const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
export type ScramMechanism = (typeof SCRAM_MECHANISMS)[number]

export interface ScramCredential extends SecretReference {
  readonly iterations: number
}

/** How records name somebody who is not known: what was typed as a name may be a password. */
export const UNKNOWN_NAME = '(unknown)'

/** A user of the Kafka door: there is one for as long as it has a credential. */
export interface User {
  readonly name: string
  readonly credentials: Readonly<Partial<Record<ScramMechanism, ScramCredential>>>
}

/**
 * Somebody who administers over HTTP. Its principal is `User:` and the name, as on the Kafka door,
 * so that one set of rules holds for both. The name is a pseudonym: what is known of the person
 * lies in `__secrets` and can be erased without touching a record.
 */
export interface Account {
  readonly name: string
  readonly roles: readonly string[]
  readonly isDisabled: boolean
  /** Of the personal data (a JSON object); null when there is none or it was erased. */
  readonly person: SecretReference | null
  readonly createdAtMs: number
}

export interface Role {
  readonly name: string
  readonly rules: readonly RoleRule[]
}

/** A bearer token of an account. The secret is the SHA-256 of the token. */
export interface ApiToken {
  readonly id: Uuid
  readonly account: string
  /** What its owner calls it. */
  readonly label: string
  readonly createdAtMs: number
  /** -1 for never. */
  readonly expiresAtMs: number
  readonly secret: SecretReference
}

/** A delegation token (KIP-48). The secret is its HMAC, which clients use as their password. */
export interface DelegationToken {
  readonly id: string
  readonly owner: string
  /** Who asked for it; differs from the owner when that was done on somebody's behalf (KIP-373). */
  readonly requester: string
  readonly renewers: readonly string[]
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  readonly maxTimestampMs: number
  readonly secret: SecretReference
}
