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

const MAX_SECRET_BYTES = 64 * 1024

export function createSecretSource(
  disk: Disk,
  environment: Readonly<Record<string, string | undefined>>,
): SecretSource {
  return {
    async read(reference) {
      const secret =
        reference.kind === 'file'
          ? await readFile(disk, reference.path)
          : environment[reference.name]?.trim()
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
