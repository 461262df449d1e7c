import { createHmac } from 'node:crypto'

/**
 * What shows that whoever listens at a port of this machine knows a token, without telling it: an HMAC
 * under the token of the port and of what was asked. With the port in it, the answer of another
 * listener, asked with the same challenge, shows nothing.
 */
export function tokenProof(token: string, challenge: string, port: number): string {
  return createHmac('sha256', token)
    .update(`glasslog port ${port} ${challenge}`)
    .digest('base64url')
}
