import type { Resource } from '../../../audit/index.ts'
import type { DeleteScramCredential, UpsertScramCredential } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { User } from '../identities.ts'
import { SCRAM_MECHANISMS } from '../identities.ts'
import { encodeScramSecret } from '../secrets/scram-secret.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { refuse } from './decision.ts'
import { loginNameFault } from './resource-name.ts'

/** Bounds of Kafka (KIP-554, ScramMechanism). */
const MIN_ITERATIONS = 4096
const MAX_ITERATIONS = 16_384

/** Bytes of a stored or server key: those of the hash. */
const KEY_BYTES = { 'SCRAM-SHA-256': 32, 'SCRAM-SHA-512': 64 } as const
const MAX_SALT_BYTES = 256

function userResource(name: string): Resource {
  return { kind: 'user', name, id: null }
}

/** The keys go to `__secrets`; an earlier credential is erased there. */
export function decideUpsertScramCredential(
  state: FoldedState,
  command: UpsertScramCredential,
  context: DecisionContext,
): Decision<UpsertScramCredential> {
  const { name, mechanism, iterations } = command
  const resource = userResource(name)
  const fault = loginNameFault('user name', name) ?? credentialFault(command)
  if (fault !== null) return refuse('UNACCEPTABLE_CREDENTIAL', fault, resource)

  const user = state.tables.users.get(name)
  const { reference, change } = context.newSecret(encodeScramSecret(command))
  const replaced = user?.credentials[mechanism]
  const after: User = {
    name,
    credentials: { ...user?.credentials, [mechanism]: { ...reference, iterations } },
  }
  return {
    error: 'NONE',
    resource,
    before: user ? resourceToJson(user) : null,
    after: resourceToJson(after),
    // A password that was replaced does not come back; taking a new user away again works.
    reversal: replaced ? 'none' : 'full',
    result: after,
    secrets: replaced ? [change, { op: 'erase', secretId: replaced.secretId }] : [change],
  }
}

function credentialFault(command: UpsertScramCredential): string | null {
  const { mechanism, iterations, salt, storedKey, serverKey } = command
  if (iterations < MIN_ITERATIONS) return 'Too few iterations'
  if (iterations > MAX_ITERATIONS) return 'Too many iterations'
  const keyBytes = KEY_BYTES[mechanism]
  const isSound =
    storedKey.length === keyBytes &&
    serverKey.length === keyBytes &&
    salt.length > 0 &&
    salt.length <= MAX_SALT_BYTES
  return isSound ? null : `The credential is not one of ${mechanism}.`
}

export function decideDeleteScramCredential(
  state: FoldedState,
  command: DeleteScramCredential,
): Decision<DeleteScramCredential> {
  const { name, mechanism } = command
  const resource = userResource(name)
  const user = state.tables.users.get(name)
  const removed = user?.credentials[mechanism]
  if (!user || !removed) {
    return refuse(
      'RESOURCE_NOT_FOUND',
      'Attempt to delete a user credential that does not exist',
      resource,
    )
  }
  const left = SCRAM_MECHANISMS.flatMap((other) => {
    const credential = user.credentials[other]
    return other !== mechanism && credential ? [[other, credential] as const] : []
  })
  const after: User | null =
    left.length > 0 ? { name, credentials: Object.fromEntries(left) } : null
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(user),
    after: after && resourceToJson(after),
    reversal: 'none',
    result: after,
    secrets: [{ op: 'erase', secretId: removed.secretId }],
  }
}
