/** What a SCRAM login is checked against (RFC 5802); the password itself is kept nowhere. */
export interface ScramSecret {
  readonly salt: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** As it lies in `__secrets`: JSON with the bytes in base64. */
export function encodeScramSecret({ salt, storedKey, serverKey }: ScramSecret): Buffer {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  return Buffer.from(
    JSON.stringify({
      salt: text(salt),
      storedKey: text(storedKey),
      serverKey: text(serverKey),
    }),
  )
}

/** Null when the bytes are not a SCRAM secret. */
export function decodeScramSecret(secret: Uint8Array): ScramSecret | null {
  const parsed: unknown = JSON.parse(Buffer.from(secret).toString())
  if (typeof parsed !== 'object' || parsed === null) return null
  const { salt, storedKey, serverKey } = parsed as Readonly<Record<string, unknown>>
  if (typeof salt !== 'string' || typeof storedKey !== 'string' || typeof serverKey !== 'string') {
    return null
  }
  return {
    salt: Buffer.from(salt, 'base64'),
    storedKey: Buffer.from(storedKey, 'base64'),
    serverKey: Buffer.from(serverKey, 'base64'),
  }
}
