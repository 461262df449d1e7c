import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

const HASHES = { 'SCRAM-SHA-256': ['sha256', 32], 'SCRAM-SHA-512': ['sha512', 64] } as const

/** What AlterUserScramCredentials takes of a password (KIP-554). */
export function saltedPassword(
  mechanism: keyof typeof HASHES,
  password: string,
  salt: Buffer,
  iterations: number,
): Buffer {
  const [hash, bytes] = HASHES[mechanism]
  return pbkdf2Sync(password, salt, iterations, bytes, hash)
}

export interface ScramClientOptions {
  readonly mechanism?: keyof typeof HASHES
  readonly user: string
  readonly password: string
  readonly nonce?: string
  /** What comes before the user, such as `n,a=somebody,`. */
  readonly header?: string
  /** What comes after the nonce, such as `,tokenauth=true`. */
  readonly extensions?: string
}

/** The client's side of SCRAM (RFC 5802), as a test writes it: message by message. */
export class ScramClient {
  readonly first: Buffer
  readonly #options: Required<ScramClientOptions>
  readonly #bare: string
  #serverSignature = ''

  constructor(options: ScramClientOptions) {
    const defaults = {
      mechanism: 'SCRAM-SHA-256',
      nonce: 'abcdef',
      header: 'n,,',
      extensions: '',
    } as const
    this.#options = { ...defaults, ...options }
    const { user, nonce, extensions, header } = this.#options
    const escaped = user.replaceAll('=', '=3D').replaceAll(',', '=2C')
    this.#bare = `n=${escaped},r=${nonce}${extensions}`
    this.first = Buffer.from(header + this.#bare)
  }

  /** The answer to the server's first message; `nonce` tells another one than the server gave. */
  final(serverFirst: Buffer, { nonce }: { readonly nonce?: string } = {}): Buffer {
    const { mechanism, password, header } = this.#options
    const [hash] = HASHES[mechanism]
    const given = new Map(
      serverFirst
        .toString()
        .split(',')
        .map((pair) => [pair[0], pair.slice(2)]),
    )
    const salt = Buffer.from(given.get('s') ?? '', 'base64')
    const salted = saltedPassword(mechanism, password, salt, Number(given.get('i')))
    const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
    const clientKey = hmac(salted, 'Client Key')
    const storedKey = createHash(hash).update(clientKey).digest()
    const binding = Buffer.from(header).toString('base64')
    const withoutProof = `c=${binding},r=${nonce ?? given.get('r')}`
    const authMessage = `${this.#bare},${serverFirst},${withoutProof}`
    const signature = hmac(storedKey, authMessage)
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`)
  }

  /** Whether the server has shown that it knows the user's keys. */
  isServer(serverFinal: Buffer): boolean {
    return serverFinal.toString() === `v=${this.#serverSignature}`
  }
}
