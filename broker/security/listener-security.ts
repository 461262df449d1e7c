import type { SaslTerms } from './sasl/sasl-exchange.ts'
import type { SecurityProtocol } from './security-protocol.ts'
import type { TlsAcceptor } from './tls/tls-acceptor.ts'

/** What stands between a socket and the first request on a listener. */
export interface ListenerSecurity {
  readonly protocol: SecurityProtocol
  /** Null where clients speak without TLS. */
  readonly tls: TlsAcceptor | null
  /** Null where nobody logs in by SASL. */
  readonly sasl: SaslTerms | null
}

/** Nothing stands between: what a listener without a word on security has. */
export const PLAINTEXT: ListenerSecurity = { protocol: 'PLAINTEXT', tls: null, sasl: null }
