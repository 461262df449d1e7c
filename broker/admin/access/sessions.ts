import { createHash } from 'node:crypto'
import type { Clock, Random } from '../../../kit/index.ts'
import type { ClusterState, User } from '../../control/index.ts'
import type { TokenVerifier } from './caller.ts'
import { accountCaller } from './caller.ts'

const TOKEN_BYTES = 32
const TOKEN = /^gls_[\w-]{43}$/
const LIFETIME_MS = 12 * 60 * 60 * 1000
/** Of all accounts together; beyond, the oldest ends. */
const MAX_SESSIONS = 10_000

interface Session {
  readonly account: string
  readonly expiresAtMs: number
  /** The passwords that were good at the login: when they change, the session ends. */
  readonly credentials: User['credentials'] | undefined
}

export interface NewSession {
  readonly token: string
  readonly expiresAtMs: number
}

/**
 * Who logged in with a password, in memory only: a restart ends all sessions. Kept by the hash of
 * the token, so that looking one up tells nothing about the others.
 */
export class SessionTable {
  readonly #state: ClusterState
  readonly #clock: Clock
  readonly #random: Random
  /** In the order of their beginning, and so of their end. */
  readonly #sessions = new Map<string, Session>()

  constructor(options: {
    readonly state: ClusterState
    readonly clock: Clock
    readonly random: Random
  }) {
    this.#state = options.state
    this.#clock = options.clock
    this.#random = options.random
  }

  /** `credentials` are those that the password was good for: it may have been changed while it was looked at. */
  begin(account: string, credentials: User['credentials'] | undefined): NewSession {
    const token = `gls_${this.#random.bytes(TOKEN_BYTES).toString('base64url')}`
    const expiresAtMs = this.#clock.now() + LIFETIME_MS
    this.#sessions.set(hashOf(token), { account, expiresAtMs, credentials })
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest)
    return { token, expiresAtMs }
  }

  end(token: string): void {
    this.#sessions.delete(hashOf(token))
  }

  get verify(): TokenVerifier {
    return (token) => {
      if (!TOKEN.test(token)) return null
      const key = hashOf(token)
      const session = this.#sessions.get(key)
      if (!session) return null
      const { account, credentials, expiresAtMs } = session
      const isCurrent =
        expiresAtMs > this.#clock.now() &&
        this.#state.users.get(account)?.credentials === credentials
      if (isCurrent) {
        return accountCaller(this.#state, account, { mechanism: 'session', expiresAtMs })
      }
      this.#sessions.delete(key)
      return null
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
