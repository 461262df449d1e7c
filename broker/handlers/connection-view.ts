import type { QuotaClient } from '../quotas/index.ts'
import type { Access, Identity, SaslExchange } from '../security/index.ts'

/** What somebody may do, and for how long that is known. */
export interface AccessMemo {
  readonly principal: string
  readonly version: number
  readonly access: Access
}

/** The client's end of a connection, as handlers see it. */
export interface ConnectionView extends QuotaClient {
  readonly id: number
  /** The peer's IP address. */
  readonly address: string
  /** The port that the peer connected from. */
  readonly remotePort: number
  /** The address of ours that the peer connected to: one that surely leads here from where it is. */
  readonly localAddress: string
  /** Name of the listener that accepted the connection. */
  readonly listener: string
  /** `User:ANONYMOUS` until somebody logs in. */
  readonly principal: string
  /** The principal, and how it is known. */
  readonly identity: Identity
  /** How the client logs in and logs in again; null where nobody does. */
  readonly login: SaslExchange | null
  /** A place for `accessOf` to remember its answer. */
  accessMemo?: AccessMemo | undefined
  /** What the client said of itself in ApiVersions (KIP-511); "unknown" before. */
  softwareName: string
  softwareVersion: string
  /**
   * Calls back once when the client has hung up, or the broker is about to: a wait for something to
   * happen should end now. Answers how to stop listening.
   */
  onClosed(listener: () => void): () => void
}
