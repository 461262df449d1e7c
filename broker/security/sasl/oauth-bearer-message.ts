/** The client's first message of OAUTHBEARER (RFC 7628, section 3.1), as far as it matters. */
export interface OAuthBearerMessage {
  readonly authorizationId: string
  readonly token: string
}

const NAME = '(?:[^\\x00-\\x1F\\x7F,=]|=2C|=3D)+'
const PAIR = '[A-Za-z]+=[\\x21-\\x7E \\t\\r\\n]*\\x01'
const MESSAGE = new RegExp(`^n,(?:a=(?<authzid>${NAME}))?,\\x01(?<pairs>(?:${PAIR})*)\\x01$`, 'u')
/** A bearer token is three parts of base64url when it is a signed one, and nothing else is taken. */
const BEARER = /^Bearer +(?<token>[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+) *$/i

/** Null when the bytes are no such message. Pairs other than `auth` are extensions, which nobody uses here. */
export function parseOAuthBearer(bytes: Buffer): OAuthBearerMessage | null {
  const groups = MESSAGE.exec(bytes.toString('utf8'))?.groups
  if (!groups) return null
  const { authzid = '', pairs = '' } = groups
  const credentials = pairs.split('\x01').filter((pair) => pair.startsWith('auth='))
  const token = BEARER.exec(credentials[0]?.slice('auth='.length) ?? '')?.groups?.token
  if (credentials.length !== 1 || token === undefined) return null
  const authorizationId = authzid.replaceAll('=2C', ',').replaceAll('=3D', '=')
  return { authorizationId, token }
}
