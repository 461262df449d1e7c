import { createHash } from 'node:crypto'
import type { Random } from '../../../kit/index.ts'
import { randomUuid } from '../../../kit/index.ts'
import type { NewSecret } from '../decide/decision.ts'

const SALT_BYTES = 16

/** A random name and a salted commitment for a secret: all that a record ever says of it. */
export function newSecret(value: Uint8Array, random: Random): NewSecret {
  const secretId = randomUuid(random)
  const salt = random.bytes(SALT_BYTES)
  const commitment = createHash('sha256').update(salt).update(value).digest('base64')
  return {
    reference: { secretId, commitment },
    change: { op: 'put', secretId, salt, value: Buffer.from(value) },
  }
}
