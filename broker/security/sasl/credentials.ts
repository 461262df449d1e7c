import type { ScramMechanism } from '../../control/index.ts'
import type { ScramKeys } from './scram-keys.ts'

/** A delegation token as SCRAM checks it (KIP-48): its id is the user, its HMAC the password. */
export interface TokenCredential {
  readonly owner: string
  readonly expiresAtMs: number
  /** What the token's holder uses as password: the HMAC as base64. */
  readonly password: string
}

/** What a credential shows of itself to whoever asks to log in, before anything is proved. */
export interface CredentialShape {
  readonly iterations: number
  /** Bytes of the salt; `text` for the form that Kafka's tools give to salts. */
  readonly salt: number | 'text'
}

/** Shapes of the credentials that there are, with how many have each. Always in the same order. */
export type CredentialShapes = readonly {
  readonly shape: CredentialShape
  readonly count: number
}[]

/** What users are checked against; answers at once, from what is in memory. */
export interface Credentials {
  scramKeys(user: string, mechanism: ScramMechanism): ScramKeys | undefined
  delegationToken(tokenId: string): TokenCredential | undefined
  shapes(mechanism: ScramMechanism): CredentialShapes
}

/** The credentials of nobody. */
export const noCredentials: Credentials = {
  scramKeys: () => undefined,
  delegationToken: () => undefined,
  shapes: () => [],
}
