import type { ClusterState, ScramMechanism, SecretReader } from '../../control/index.ts'
import { decodeScramSecret } from '../../control/index.ts'
import { userName } from '../identity.ts'
import { shapesOf } from './credential-shapes.ts'
import type { CredentialShapes, Credentials } from './credentials.ts'
import type { ScramKeys } from './scram-keys.ts'

/**
 * Credentials as the history has them: what is public from the state, what is not from `__secrets`.
 * Those of a disabled account are none.
 */
export function storedCredentials(state: ClusterState, secrets: SecretReader): Credentials {
  /** Counted anew when records have come since; logins themselves leave none but one a minute. */
  const known = new Map<
    ScramMechanism,
    { readonly seq: number; readonly shapes: CredentialShapes }
  >()

  function scramKeys(user: string, mechanism: ScramMechanism): ScramKeys | undefined {
    const credential = state.users.get(user)?.credentials[mechanism]
    const secret = credential && secrets.get(credential.secretId)
    const keys = secret && decodeScramSecret(secret)
    if (!keys) return undefined
    const { salt, storedKey, serverKey } = keys
    return {
      salt: Buffer.from(salt),
      storedKey: Buffer.from(storedKey),
      serverKey: Buffer.from(serverKey),
      iterations: credential.iterations,
    }
  }

  const isDisabled = (user: string): boolean => state.accounts.get(user)?.isDisabled === true

  return {
    scramKeys: (user, mechanism) => (isDisabled(user) ? undefined : scramKeys(user, mechanism)),
    delegationToken(tokenId) {
      const token = state.delegationTokens.get(tokenId)
      const hmac = token && secrets.get(token.secret.secretId)
      const principals = [token?.owner ?? '', token?.requester ?? '']
      if (!hmac || principals.some((one) => isDisabled(userName(one)))) return undefined
      const { owner, expiresAtMs } = token
      return { owner, expiresAtMs, password: Buffer.from(hmac).toString('base64') }
    },
    shapes(mechanism) {
      const counted = known.get(mechanism)
      if (counted?.seq === state.seq) return counted.shapes
      const all = [...state.users.keys()].flatMap((user) => scramKeys(user, mechanism) ?? [])
      const shapes = shapesOf(all)
      known.set(mechanism, { seq: state.seq, shapes })
      return shapes
    },
  }
}
