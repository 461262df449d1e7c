import type { Disk } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'
import type { SecretReference } from '../config/config.ts'

/** A secret that a configuration refers to is not there. */
export class SecretMissingError extends Error {
  override readonly name: string = 'SecretMissingError'
}

/** Answers secrets as they are now: one that is changed counts from the next use on. */
export interface SecretSource {
  /** Without white space around it. Rejects with a SecretMissingError. */
  read(reference: SecretReference): Promise<string>
}

/** Secrets of contact points that are kept elsewhere, by contact point and name. */
export type StoredSecrets = (contactPoint: string, name: string) => string | undefined

const MAX_SECRET_BYTES = 64 * 1024

export function createSecretSource(
  disk: Disk,
  environment: Readonly<Record<string, string | undefined>>,
  stored: StoredSecrets = () => undefined,
): SecretSource {
  const find = (reference: SecretReference) => {
    switch (reference.kind) {
      case 'file':
        return readFile(disk, reference.path)
      case 'environment':
        return environment[reference.name]?.trim()
      case 'stored':
        return stored(reference.contactPoint, reference.name)?.trim()
    }
  }
  return {
    async read(reference) {
      const secret = await find(reference)
      if (secret) return secret
      const where = reference.kind === 'file' ? `file ${reference.path}` : reference.name
      throw new SecretMissingError(`there is no secret in ${where}`)
    },
  }
}

async function readFile(disk: Disk, path: string): Promise<string> {
  try {
    const bytes = await readWholeFile(disk, path)
    return bytes?.toString('utf8', 0, MAX_SECRET_BYTES).trim() ?? ''
  } catch (cause) {
    throw new SecretMissingError(`file ${path} cannot be read`, { cause })
  }
}
