import { timingSafeEqual } from 'node:crypto'
import type { Disk, Random } from '../../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../../kit/index.ts'
import type { Caller, TokenVerifier } from './caller.ts'
import { ROOT_ACCOUNT } from './caller.ts'

const TOKEN_BYTES = 32

/** The account that exists without a record, that may do everything and that cannot be deleted. */
const ROOT: Caller = { principal: `User:${ROOT_ACCOUNT}`, mechanism: 'root-token' }

/**
 * The root account's bearer token, made on first start and kept in `<data-dir>/root.token` for the
 * command on the same machine. The disk's files are readable by their owner only.
 */
export async function loadRootToken(disk: Disk, path: string, random: Random): Promise<string> {
  const stored = await readWholeFile(disk, path)
  const existing = stored?.toString('utf8').trim()
  if (existing) return existing
  const token = random.bytes(TOKEN_BYTES).toString('base64url')
  await replaceFile(disk, path, Buffer.from(`${token}\n`))
  return token
}

export function rootTokenVerifier(rootToken: string): TokenVerifier {
  return (token) => (tokenMatches(rootToken, token) ? ROOT : null)
}

/** Compares in a time that does not tell how much of the token was right. */
function tokenMatches(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  return a.length === b.length && timingSafeEqual(a, b)
}
