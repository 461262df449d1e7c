import { FailedLogins } from '../../../kit/index.ts'
import type { BrokerServices } from '../../handlers/index.ts'
import type { LoginCounts } from '../../network/index.ts'
import { DecoyKeys, PlainServer, storedCredentials, WorkQueue } from '../../security/index.ts'
import { apiTokenVerifier } from './api-tokens.ts'
import type { TokenVerifier } from './caller.ts'
import { rootTokenVerifier } from './root-token.ts'
import { SessionTable } from './sessions.ts'

/** All that tells who somebody is. */
export interface Logins {
  readonly verifiers: readonly TokenVerifier[]
  readonly sessions: SessionTable
  readonly failedLogins: FailedLogins
  /** Passwords at `/v1/session`. */
  readonly passwordLogins: LoginCounts
  /** Tokens and basic authentication, which come with each request. */
  readonly tokenLogins: LoginCounts
  isPassword(account: string, password: string): Promise<boolean>
}

/** Passwords that are checked at once: each costs a core some milliseconds, on a thread of the pool. */
const MAX_DERIVATIONS = 2
const DECOY_SECRET_BYTES = 32

export function createLogins(
  { control, clock, random }: BrokerServices,
  rootToken: string,
  loginsBy: (mechanism: string) => LoginCounts,
): Logins {
  const sessions = new SessionTable({ state: control.state, clock, random })
  const passwords = new PlainServer({
    credentials: storedCredentials(control.state, control.secrets),
    decoys: new DecoyKeys(Buffer.from(random.bytes(DECOY_SECRET_BYTES))),
    derivations: new WorkQueue(MAX_DERIVATIONS),
  })
  return {
    verifiers: [rootTokenVerifier(rootToken), apiTokenVerifier(control, clock), sessions.verify],
    sessions,
    failedLogins: new FailedLogins(clock),
    // They are there from the start on: of a counter that appears, nobody sees what it began with.
    passwordLogins: loginsBy('http-password'),
    tokenLogins: loginsBy('http-token'),
    async isPassword(account, password) {
      const step = await passwords.evaluate(Buffer.from(`\0${account}\0${password}`))
      return step.kind === 'authenticated'
    },
  }
}
