import type { ScramMechanism } from '../control/index.ts'
import { shapesOf } from './sasl/credential-shapes.ts'
import type { CredentialShapes, Credentials, TokenCredential } from './sasl/credentials.ts'
import type { ScramKeys } from './sasl/scram-keys.ts'
import { keysOfPassword } from './sasl/scram-keys.ts'

/** Users and tokens of a test, in memory. */
export class TestCredentials implements Credentials {
  readonly #keys = new Map<string, ScramKeys>()
  readonly tokens = new Map<string, TokenCredential>()

  async addUser(user: string, password: string, ...mechanisms: ScramMechanism[]): Promise<void> {
    for (const mechanism of mechanisms) {
      const salt = Buffer.from(`salt of ${user} for ${mechanism}`)
      this.add(user, mechanism, await keysOfPassword(mechanism, password, salt, 4096))
    }
  }

  add(user: string, mechanism: ScramMechanism, keys: ScramKeys): void {
    this.#keys.set(`${mechanism} ${user}`, keys)
  }

  scramKeys(user: string, mechanism: ScramMechanism): ScramKeys | undefined {
    return this.#keys.get(`${mechanism} ${user}`)
  }

  shapes(mechanism: ScramMechanism): CredentialShapes {
    const keys = [...this.#keys].filter(([key]) => key.startsWith(`${mechanism} `))
    return shapesOf(keys.map(([, one]) => one))
  }

  delegationToken(tokenId: string): TokenCredential | undefined {
    return this.tokens.get(tokenId)
  }
}
