/** The texts that SCRAM exchanges (RFC 5802, section 7). */

export interface ClientFirst {
  readonly user: string
  readonly authorizationId: string
  readonly nonce: string
  /** The header that the client's last message must repeat, as base64. */
  readonly channelBinding: string
  /** The message without that header: a part of what is signed. */
  readonly bare: string
  /** Attributes after the nonce; Kafka's own is `tokenauth=true` (KIP-48). */
  readonly extensions: ReadonlyMap<string, string>
}

export interface ClientFinal {
  readonly channelBinding: string
  readonly nonce: string
  readonly proof: Buffer
  readonly withoutProof: string
}

/** A nonce: printable ASCII but for the comma. */
const NONCE = '[\\x21-\\x2B\\x2D-\\x7E]+'
/** A name in which `,` and `=` are escaped. Control characters have no place in one. */
const NAME = '(?:[^\\x00-\\x1F\\x7F,=]|=2C|=3D)+'
const BASE64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'
const EXTENSIONS = '(?:,[A-Za-z]+=[^\\x00,]*)*'

const CLIENT_FIRST = new RegExp(
  `^(?<header>[ny],(?:a=(?<authzid>${NAME}))?,)(?<bare>n=(?<name>${NAME}),r=(?<nonce>${NONCE})(?<extensions>${EXTENSIONS}))$`,
  'u',
)
const CLIENT_FINAL = new RegExp(
  `^(?<withoutProof>c=(?<binding>${BASE64}),r=(?<nonce>${NONCE})${EXTENSIONS}),p=(?<proof>${BASE64})$`,
  'u',
)

/** Null when the bytes are no such message, or ask for a channel binding that there is not. */
export function parseClientFirst(bytes: Buffer): ClientFirst | null {
  const groups = match(CLIENT_FIRST, bytes)
  if (!groups) return null
  const { header = '', authzid = '', bare = '', name = '', nonce = '', extensions = '' } = groups
  return {
    user: unescapeName(name),
    authorizationId: unescapeName(authzid),
    nonce,
    channelBinding: Buffer.from(header).toString('base64'),
    bare,
    extensions: parseExtensions(extensions),
  }
}

export function parseClientFinal(bytes: Buffer): ClientFinal | null {
  const groups = match(CLIENT_FINAL, bytes)
  if (!groups) return null
  const { withoutProof = '', binding = '', nonce = '', proof = '' } = groups
  return { withoutProof, channelBinding: binding, nonce, proof: Buffer.from(proof, 'base64') }
}

export function serverFirst(nonce: string, salt: Buffer, iterations: number): string {
  return `r=${nonce},s=${salt.toString('base64')},i=${iterations}`
}

export function serverFinal(signature: Buffer): string {
  return `v=${signature.toString('base64')}`
}

/** Names are UTF-8; bytes that are not would become another name on the way. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

function match(pattern: RegExp, bytes: Buffer): Readonly<Record<string, string>> | null {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return null
  }
  return pattern.exec(text)?.groups ?? null
}

function unescapeName(name: string): string {
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

function parseExtensions(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(',').filter((pair) => pair !== '')
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    }),
  )
}
