import type { ErrorName } from '../../protocol/index.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  errors,
} from '../../protocol/index.ts'
import type {
  Actor,
  DeleteScramCredential,
  Outcome,
  UpsertScramCredential,
} from '../control/index.ts'
import { keysOfSaltedPassword } from '../security/index.ts'
import { actorOf } from './actor.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'
import { observeMalformed } from './malformed-attempts.ts'
import { SCRAM_CODES } from './scram-codes.ts'
import type { BrokerServices } from './services.ts'

type Change = UpsertScramCredential | DeleteScramCredential

/** A change that is asked for, and how to make its command once it is known to be permitted. */
interface AskedChange {
  readonly attempt: Change
  make(): Change
}

/** Of a password of which nothing was derived yet. */
const NO_KEYS = { storedKey: Buffer.alloc(0), serverKey: Buffer.alloc(0) }

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
    // Of all users before anything is done, so that what is done keeps the order of the request.
    const refusals = await Promise.all(
      Array.from(users, ([user, changes]) => {
        const fault = faultOf(user, changes)
        if (fault) observeMalformed('user.scram.upsert', context, broker)
        return fault ?? denialOf(changes, actor, broker)
      }),
    )
    const results = Array.from(users, async ([user, changes], index) => {
      const { error, message } = refusals[index] ?? (await apply(changes, actor, broker))
      return { user, errorCode: errorCodeOf(error), errorMessage: message || null }
    })
    return { results: await Promise.all(results) }
  },
)

/** What is asked for each user; a mechanism that is not known has no command. */
function changesByUser({
  deletions,
  upsertions,
}: AlterUserScramCredentialsRequest): ReadonlyMap<string, readonly (AskedChange | null)[]> {
  const users = new Map<string, (AskedChange | null)[]>()
  const add = (name: string, change: AskedChange | null): void => {
    const changes = users.get(name) ?? []
    users.set(name, changes)
    changes.push(change)
  }
  for (const { name, mechanism: code } of deletions) {
    const mechanism = SCRAM_CODES.get(code)
    const attempt = mechanism && ({ kind: 'user.scram.delete', name, mechanism } as const)
    add(name, attempt ? { attempt, make: () => attempt } : null)
  }
  for (const { name, mechanism: code, iterations, salt, saltedPassword } of upsertions) {
    const mechanism = SCRAM_CODES.get(code)
    if (!mechanism) {
      add(name, null)
      continue
    }
    const asked = { kind: 'user.scram.upsert', name, mechanism, iterations, salt } as const
    const make = (): Change => {
      const keys = keysOfSaltedPassword(mechanism, saltedPassword, Buffer.from(salt), iterations)
      return { ...asked, ...keys }
    }
    add(name, { attempt: { ...asked, ...NO_KEYS }, make })
  }
  return users
}

function faultOf(user: string, changes: readonly (AskedChange | null)[]): Refusal | null {
  if (user === '') {
    return { error: 'UNACCEPTABLE_CREDENTIAL', message: 'Username must not be empty' }
  }
  if (changes.includes(null)) {
    return { error: 'UNSUPPORTED_SASL_MECHANISM', message: 'Unknown SCRAM mechanism' }
  }
  const mechanisms = new Set(changes.map((change) => change?.attempt.mechanism))
  if (mechanisms.size < changes.length) {
    const message = 'A user credential cannot be altered twice in the same request'
    return { error: 'DUPLICATE_RESOURCE', message }
  }
  return null
}

/** One request may hold very many: nothing is derived for who may not set passwords. */
async function denialOf(
  changes: readonly (AskedChange | null)[],
  actor: Actor,
  { control }: BrokerServices,
): Promise<Refusal | null> {
  for (const change of changes) {
    const denied = change && (await control.denialOf({ command: change.attempt }, actor))
    if (denied) return refusalOf(denied)
  }
  return null
}

async function apply(
  changes: readonly (AskedChange | null)[],
  actor: Actor,
  { control }: BrokerServices,
): Promise<Refusal> {
  const commands = changes.flatMap((change) => change?.make() ?? [])
  const outcomes = await control.execute<Change>(commands, actor, { allOrNothing: true })
  const failed = outcomes.find(
    ({ error }) => error !== 'NONE' && error !== 'OPERATION_NOT_ATTEMPTED',
  )
  return failed ? refusalOf(failed) : { error: 'NONE', message: '' }
}

function refusalOf({ error, message }: Outcome): Refusal {
  return { error, message: message ?? errors[error].message }
}
