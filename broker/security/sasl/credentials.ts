import type { ScramMechanism } from '../../control/index.ts'
import type { ScramKeys } from './scram-keys.ts'

/** A delegation token as SCRAM checks it (KIP-48): its id is the user, its HMAC the password. */
export interface TokenCredential {
  readonly owner: string
  readonly expiresAtMs: number
  /** What the token's holder uses as password: the HMAC as base64. */
  readonly password: string
}

/** What users are checked against; answers at once, from what is in memory. */
export interface Credentials {
  scramKeys(user: string, mechanism: ScramMechanism): ScramKeys | undefined
  delegationToken(tokenId: string): TokenCredential | undefined
}

/** The credentials of nobody. */
export const noCredentials: Credentials = {
  scramKeys: () => undefined,
  delegationToken: () => undefined,
}
