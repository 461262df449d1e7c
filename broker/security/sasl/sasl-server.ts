import type { Identity } from '../identity.ts'

/** What a mechanism makes of one token of a client. */
export type SaslStep =
  /** The exchange goes on with the client's answer to these bytes. */
  | { readonly kind: 'challenge'; readonly bytes: Buffer }
  | {
      readonly kind: 'authenticated'
      readonly bytes: Buffer
      readonly identity: Identity
      /** Wall-clock time at which what was shown ends to be valid; null when it does not end. */
      readonly expiresAtMs: number | null
    }
  | {
      readonly kind: 'failed'
      /** For the client: says no more than it has to know. */
      readonly message: string
      /** The user that the client named, if it got as far: for the record of the attempt. */
      readonly claimedUser: string | null
    }

/** The server's side of one exchange by one mechanism (RFC 4422). Used for one exchange only. */
export interface SaslServer {
  /** Takes the client's next token. Never throws or rejects for what a client says. */
  evaluate(token: Buffer): SaslStep | Promise<SaslStep>
}

/** The mechanisms that there are. */
export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const
export type SaslMechanism = (typeof SASL_MECHANISMS)[number]

export function isSaslMechanism(name: string): name is SaslMechanism {
  return (SASL_MECHANISMS as readonly string[]).includes(name)
}
