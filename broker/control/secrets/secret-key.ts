import type { Disk, Random } from '../../../kit/index.ts'
import { ConfigError, readWholeFile, replaceFile } from '../../../kit/index.ts'

/** AES-256. */
export const SECRET_KEY_BYTES = 32

/** Where the key of `__secrets` comes from: outside of the logs, so that a copy of them is of no use. */
export interface SecretKeySource {
  /** For people: `GLASSLOG_SECRETS_KEY`, or the path of the file. */
  readonly name: string
  /** Null when there is no key yet. Throws a ConfigError for something that is not a key. */
  read(): Promise<Buffer | null>
  /** Makes a key and keeps it. Only called when nothing was ever encrypted. */
  create(): Promise<Buffer>
}

/** A key that the operator gives: 32 bytes in base64. */
export function givenSecretKey(name: string, text: string): SecretKeySource {
  return {
    name,
    read: async () => parseKey(name, text),
    create: async () => parseKey(name, text),
  }
}

/** A key in a file that only its owner can read (the disk makes no others), made on first use. */
export function secretKeyFile(disk: Disk, path: string, random: Random): SecretKeySource {
  return {
    name: path,
    async read() {
      const stored = await readWholeFile(disk, path)
      return stored === null ? null : parseKey(path, stored.toString('utf8'))
    },
    async create() {
      const key = random.bytes(SECRET_KEY_BYTES)
      await replaceFile(disk, path, Buffer.from(`${key.toString('base64')}\n`))
      return key
    },
  }
}

function parseKey(name: string, text: string): Buffer {
  const trimmed = text.trim()
  const key = Buffer.from(trimmed, 'base64')
  if (key.length === SECRET_KEY_BYTES && key.toString('base64') === trimmed) return key
  throw secretKeyFault(name, `${name} is not a key: ${SECRET_KEY_BYTES} bytes in base64 are needed`)
}

export function secretKeyFault(name: string, message: string): ConfigError {
  return new ConfigError([{ name, message }])
}
