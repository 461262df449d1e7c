import type { ClusterState, ScramMechanism, SecretReader } from '../../control/index.ts'
import { decodeScramSecret } from '../../control/index.ts'
import type { Credentials } from './credentials.ts'

/** Credentials as the history has them: what is public from the state, what is not from `__secrets`. */
export function storedCredentials(state: ClusterState, secrets: SecretReader): Credentials {
  return {
    scramKeys(user: string, mechanism: ScramMechanism) {
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
    },
    delegationToken(tokenId) {
      const token = state.delegationTokens.get(tokenId)
      const hmac = token && secrets.get(token.secret.secretId)
      if (!hmac) return undefined
      const { owner, expiresAtMs } = token
      return { owner, expiresAtMs, password: Buffer.from(hmac).toString('base64') }
    },
  }
}
