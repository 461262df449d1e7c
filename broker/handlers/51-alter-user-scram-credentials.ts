import type { ErrorName } from '../../protocol/index.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  errors,
} from '../../protocol/index.ts'
import type { Actor, DeleteScramCredential, UpsertScramCredential } from '../control/index.ts'
import { keysOfSaltedPassword } from '../security/index.ts'
import { actorOf } from './actor.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'
import { observeMalformed } from './malformed-attempts.ts'
import { SCRAM_CODES } from './scram-codes.ts'
import type { BrokerServices } from './services.ts'

type Change = UpsertScramCredential | DeleteScramCredential

interface Refusal {
  readonly error: ErrorName
  readonly message: string
}

/**
 * AlterUserScramCredentials v0 (KIP-554): sets and removes what users log in with. The client salts
 * and derives, so that the password itself never comes; what is kept of it lies in `__secrets`. The
 * changes of one user are made together or not at all.
 */
export const alterUserScramCredentials = defineHandler(
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  {
    versions: '0',
    stage: 'ordered',
    permissions: [{ operation: 'ALTER', resource: 'CLUSTER' }],
    notes: ['A user can log in by PLAIN with the same password, where that is enabled.'],
  },
  async (request, context, broker) => {
    const users = changesByUser(request)
    if (users.size === 0 && !isAllowedOnCluster(context, broker, 'ALTER')) return { results: [] }
    const actor = actorOf(context)
    const results = [...users].map(async ([user, changes]) => {
      const fault = faultOf(user, changes)
      if (fault) observeMalformed('user.scram.upsert', context, broker)
      const refusal = fault ?? (await apply(changes, actor, broker))
      return { user, errorCode: errorCodeOf(refusal.error), errorMessage: refusal.message || null }
    })
    return { results: await Promise.all(results) }
  },
)

/** What is asked for each user; a mechanism that is not known has no command. */
function changesByUser({
  deletions,
  upsertions,
}: AlterUserScramCredentialsRequest): ReadonlyMap<string, readonly (Change | null)[]> {
  const users = new Map<string, (Change | null)[]>()
  const add = (name: string, change: Change | null): void => {
    const changes = users.get(name) ?? []
    users.set(name, changes)
    changes.push(change)
  }
  for (const { name, mechanism: code } of deletions) {
    const mechanism = SCRAM_CODES.get(code)
    add(name, mechanism ? { kind: 'user.scram.delete', name, mechanism } : null)
  }
  for (const { name, mechanism: code, iterations, salt, saltedPassword } of upsertions) {
    const mechanism = SCRAM_CODES.get(code)
    if (!mechanism) {
      add(name, null)
      continue
    }
    const keys = keysOfSaltedPassword(mechanism, saltedPassword, Buffer.from(salt), iterations)
    add(name, { kind: 'user.scram.upsert', name, mechanism, ...keys })
  }
  return users
}

function faultOf(user: string, changes: readonly (Change | null)[]): Refusal | null {
  if (user === '') {
    return { error: 'UNACCEPTABLE_CREDENTIAL', message: 'Username must not be empty' }
  }
  if (changes.includes(null)) {
    return { error: 'UNSUPPORTED_SASL_MECHANISM', message: 'Unknown SCRAM mechanism' }
  }
  const mechanisms = new Set(changes.map((change) => change?.mechanism))
  if (mechanisms.size < changes.length) {
    const message = 'A user credential cannot be altered twice in the same request'
    return { error: 'DUPLICATE_RESOURCE', message }
  }
  return null
}

async function apply(
  changes: readonly (Change | null)[],
  actor: Actor,
  { control }: BrokerServices,
): Promise<Refusal> {
  const commands = changes.filter((change) => change !== null)
  const outcomes = await control.execute<Change>(commands, actor, { allOrNothing: true })
  const failed = outcomes.find(
    ({ error }) => error !== 'NONE' && error !== 'OPERATION_NOT_ATTEMPTED',
  )
  const error = failed?.error ?? 'NONE'
  return { error, message: failed?.message ?? (error === 'NONE' ? '' : errors[error].message) }
}
