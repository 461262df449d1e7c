import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'kafka'
const LIFETIME_SECONDS = 3600

/** Issues signed tokens for one user, as an identity provider would. */
export interface TokenIssuer {
  readonly issuer: string
  readonly audience: string
  /** A file URL: the public keys. */
  readonly keysUrl: string
  /** Where clients that log in by OIDC fetch a token. */
  readonly tokenUrl: string
  readonly token: string
  readonly expiresAtSeconds: number
  stop(): Promise<void>
}

export async function startTokenIssuer(directory: string, user: string): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const keys = join(directory, 'keys.json')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }
  writeFileSync(keys, JSON.stringify({ keys: [jwk] }))
  const issuedAtSeconds = Math.floor(Date.now() / 1000)
  const expiresAtSeconds = issuedAtSeconds + LIFETIME_SECONDS
  const token = await new SignJWT({ scope: 'kafka' })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(user)
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(expiresAtSeconds)
    .sign(privateKey)
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: LIFETIME_SECONDS }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...{ issuer: ISSUER, audience: AUDIENCE, token, expiresAtSeconds },
    keysUrl: `file://${keys}`,
    tokenUrl: `http://127.0.0.1:${port}/token`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
