import type { ScramMechanism } from '../control/index.ts'
import type { Credentials, TokenCredential } from './sasl/credentials.ts'
import type { ScramKeys } from './sasl/scram-keys.ts'
import { keysOfPassword } from './sasl/scram-keys.ts'

/** Users and tokens of a test, in memory. */
export class TestCredentials implements Credentials {
  readonly #keys = new Map<string, ScramKeys>()
  readonly tokens = new Map<string, TokenCredential>()

  async addUser(user: string, password: string, ...mechanisms: ScramMechanism[]): Promise<void> {
    for (const mechanism of mechanisms) {
      const salt = Buffer.from(`salt of ${user} for ${mechanism}`)
      this.#keys.set(`${mechanism} ${user}`, await keysOfPassword(mechanism, password, salt, 4096))
    }
  }

  scramKeys(user: string, mechanism: ScramMechanism): ScramKeys | undefined {
    return this.#keys.get(`${mechanism} ${user}`)
  }

  delegationToken(tokenId: string): TokenCredential | undefined {
    return this.tokens.get(tokenId)
  }
}
