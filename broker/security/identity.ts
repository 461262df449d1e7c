/** Who somebody has proved to be, and how. What handlers, the authorizer and the history go by. */
export interface Identity {
  /** `User:alice`, as ACLs write it. */
  readonly principal: string
  /** `none`, `SSL`, or the SASL mechanism. */
  readonly mechanism: string
  /** Of the delegation token that stood for the principal. */
  readonly tokenId?: string
}

/** Everybody, on a listener where nobody has to say who they are. */
export const ANONYMOUS: Identity = { principal: 'User:ANONYMOUS', mechanism: 'none' }

/**
 * Whether a name that somebody else gave, an issuer of tokens or of certificates, can be a user's:
 * what holds for those who did not log in, as on a listener for this machine, must be nobody else's.
 */
export function isUserName(name: string): boolean {
  return userPrincipal(name) !== ANONYMOUS.principal
}

/** The principal of a user's name. */
export function userPrincipal(name: string): string {
  return `User:${name}`
}

/** The name of a user's principal. */
export function userName(principal: string): string {
  return principal.replace(/^User:/, '')
}
