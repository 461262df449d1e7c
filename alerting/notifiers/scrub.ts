import { abbreviate } from '../../kit/index.ts'

const MAX_ANSWER_LENGTH = 500
/** Anything shorter would blot out ordinary words. */
const MIN_SECRET_LENGTH = 4

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
  const clean = longestFirst.reduce((left, secret) => left.replaceAll(secret, '<secret>'), text)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must go
  return abbreviate(clean.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim(), MAX_ANSWER_LENGTH)
}

/** Server of an address; its path and query may be secret. */
export function originOf(address: string): string {
  const url = URL.parse(address)
  return url === null ? '<address>' : url.origin
}
