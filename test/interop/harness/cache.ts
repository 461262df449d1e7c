import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '..', '..', '..')

/** Root of the checkout. */
export const repositoryDir: string = repository

/** Where downloaded dependencies and built clients live; git-ignored, safe to delete. */
export const cacheDir: string = join(repository, '.cache', 'interop')

/** Where the clients' sources live. */
export const clientsDir: string = join(import.meta.dirname, '..', 'clients')

/** Where each client's whole output of the last run goes. */
export const logsDir: string = join(cacheDir, 'logs')

/**
 * Builds a directory of the cache once for each fingerprint: `build` runs when the directory is
 * missing, was left half built, or was built from something else.
 */
export async function cached(
  name: string,
  fingerprint: string,
  build: (directory: string) => Promise<void>,
): Promise<string> {
  const directory = join(cacheDir, name)
  const stamp = join(directory, '.stamp')
  const wanted = createHash('sha256').update(fingerprint).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return directory
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  await build(directory)
  writeFileSync(stamp, wanted)
  return directory
}

/** All text below directories, for a fingerprint that changes with any source file. */
export function sourcesOf(...directories: readonly string[]): string {
  return directories
    .flatMap((directory) =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort(),
    )
    .map((path) => `${path}\n${readFileSync(path, 'utf8')}`)
    .join('\n')
}

/** Copies a source folder into the cache, so that build products never land in the work tree. */
export function copyInto(directory: string, source: string): void {
  cpSync(source, directory, { recursive: true })
}
