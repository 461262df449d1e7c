import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'

/** A token as a request carried it. */
export interface Credential {
  readonly kind: 'bearer' | 'basic' | 'cookie'
  readonly token: string
}

export const SESSION_COOKIE = 'glasslog-session'

/** Longest token that is looked at. */
const MAX_TOKEN_LENGTH = 512

/** The token of a request; null when it has none. One that cannot be read is an empty one: wrong. */
export function credentialOf(headers: IncomingHttpHeaders): Credential | null {
  const { authorization, cookie } = headers
  if (authorization !== undefined) return fromAuthorization(authorization)
  const session = cookie === undefined ? undefined : cookieValue(cookie, SESSION_COOKIE)
  return session === undefined ? null : { kind: 'cookie', token: bounded(session) }
}

function fromAuthorization(authorization: string): Credential {
  const [scheme = '', text = ''] = authorization.split(' ', 2)
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { kind: 'bearer', token: bounded(text) }
    case 'basic': {
      const decoded = Buffer.from(bounded(text), 'base64').toString('utf8')
      const colon = decoded.indexOf(':')
      return { kind: 'basic', token: colon < 0 ? '' : decoded.slice(colon + 1) }
    }
    default:
      return { kind: 'bearer', token: '' }
  }
}

function bounded(text: string): string {
  return text.length > MAX_TOKEN_LENGTH ? '' : text
}

function cookieValue(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key = '', value = ''] = pair.split('=', 2)
    if (key.trim() === name) return value.trim()
  }
  return undefined
}

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/**
 * Whether a browser sends a login that it keeps on behalf of another site's page. `SameSite=Strict`
 * keeps browsers that know it from sending the cookie; nothing does for basic authentication.
 */
export function isUnsafeCrossOrigin({ method, headers }: FastifyRequest): boolean {
  if (SAFE_METHODS.includes(method)) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin, host } = headers
  return origin !== undefined && URL.parse(origin)?.host !== host
}
