import { fileURLToPath } from 'node:url'
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose'
import { createLocalJWKSet, createRemoteJWKSet } from 'jose'
import type { Cancel, WatchedFilesOptions } from '../../../kit/index.ts'
import { readFiles, watchFiles } from '../../../kit/index.ts'

export interface BearerKeys {
  readonly keys: JWTVerifyGetKey
  /** No more looking for new ones. */
  readonly close: Cancel
}

const FETCH_TIMEOUT_MS = 5000

/**
 * The keys that tokens are signed with. From a file they are there from the start, or this throws;
 * from the network they are fetched when a token needs them, and while they cannot be had no token
 * is sound.
 */
export async function openBearerKeys(
  url: string,
  maxAgeMs: number,
  files: WatchedFilesOptions,
): Promise<BearerKeys> {
  if (!url.startsWith('file:')) {
    const options = { timeoutDuration: FETCH_TIMEOUT_MS, cacheMaxAge: maxAgeMs }
    return { keys: createRemoteJWKSet(new URL(url), options), close: () => {} }
  }
  const path = fileURLToPath(url)
  const contents = await readFiles(files.disk, [path])
  const parse = (bytes: Buffer | undefined): JWTVerifyGetKey =>
    createLocalJWKSet(JSON.parse((bytes ?? '').toString()) as JSONWebKeySet)
  let current = parse(contents.get(path))
  const close = watchFiles(
    contents,
    (changed) => {
      current = parse(changed.get(path))
    },
    files,
  )
  return { keys: (header, token) => current(header, token), close }
}
