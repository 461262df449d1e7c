import { abbreviate } from '../../kit/index.ts'

const MAX_ANSWER_LENGTH = 500
/** Anything shorter would blot out ordinary words. */
const MIN_SECRET_LENGTH = 4
/** Parts of an address that are shorter are words of its path. */
const MIN_TOKEN_LENGTH = 12

/** What another side said, for logs and people: in bounds, on one line, and without the secrets that it may repeat. */
export function scrub(text: string, secrets: readonly string[]): string {
  const longestFirst = secrets
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .sort((a, b) => b.length - a.length)
  // In any case of letters: servers change that of addresses.
  const clean = longestFirst.reduce(
    (left, secret) => left.replace(new RegExp(literally(secret), 'gi'), '<secret>'),
    text,
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must go
  return abbreviate(clean.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim(), MAX_ANSWER_LENGTH)
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/** Secrets in their own right: parts of an address that a server may repeat without the rest. */
export function secretPartsOf(address: string): string[] {
  const url = URL.parse(address)
  if (url === null) return [address]
  const { pathname, search, searchParams } = url
  const tokens = [...pathname.split('/'), ...searchParams.values()]
  return [
    ...[address, url.href, pathname + search, search],
    ...(pathname === '/' ? [] : [pathname]),
    ...tokens.filter((token) => token.length >= MIN_TOKEN_LENGTH),
  ]
}

/** Server of an address; its path and query may be secret. */
export function originOf(address: string): string {
  const url = URL.parse(address)
  return url === null ? '<address>' : url.origin
}
