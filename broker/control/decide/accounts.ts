import type { Resource } from '../../../audit/index.ts'
import { BUILT_IN_ROLES } from '../access.ts'
import type {
  AlterAccount,
  CreateAccount,
  DeleteAccount,
  ErasePerson,
  PersonalData,
} from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { Account, SecretReference } from '../identities.ts'
import type { Accepted, Decision, DecisionContext, SecretChange } from './decision.ts'
import { refuse } from './decision.ts'
import { loginNameFault } from './resource-name.ts'

/** The account that exists without a record (`root.token`); its name cannot be taken. */
export const ROOT_ACCOUNT = 'root'

const MAX_PERSON_BYTES = 4096
const MAX_ROLES = 100

function accountResource(name: string): Resource {
  return { kind: 'account', name, id: null }
}

export function decideCreateAccount(
  state: FoldedState,
  command: CreateAccount,
  context: DecisionContext,
): Decision<CreateAccount> {
  const { name, roles } = command
  const resource = accountResource(name)
  const fault =
    loginNameFault('account name', name) ??
    (name === ROOT_ACCOUNT ? 'The root account exists without a record.' : null) ??
    rolesFault(state, roles) ??
    personFault(command.person)
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  if (state.tables.accounts.get(name)) {
    return refuse('DUPLICATE_RESOURCE', `The account ${name} exists.`, resource)
  }
  // Where nobody has to log in, anybody may have set it, and would come in as the account.
  if (state.tables.users.get(name)) {
    const message = `The user ${name} has a password, which would open the account; remove it first.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  const { person, secrets } = keepPerson(null, command.person, context)
  const after: Account = {
    name,
    roles: [...new Set(roles)],
    isDisabled: false,
    person,
    createdAtMs: context.nowMs,
  }
  return accountChange(resource, null, after, secrets)
}

export function decideAlterAccount(
  state: FoldedState,
  command: AlterAccount,
  context: DecisionContext,
): Decision<AlterAccount> {
  const resource = accountResource(command.name)
  const account = state.tables.accounts.get(command.name)
  if (!account) return noAccount(resource)
  const roles = command.roles ?? account.roles
  const fault = rolesFault(state, roles) ?? personFault(command.person)
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  const { person, secrets } = keepPerson(account.person, command.person, context)
  const after: Account = {
    ...account,
    roles: [...new Set(roles)],
    isDisabled: command.isDisabled ?? account.isDisabled,
    person,
  }
  const change = accountChange(resource, account, after, secrets)
  // What was known of the person is erased when it is replaced, and does not come back.
  return account.person && command.person ? { ...change, reversal: 'side-effects' } : change
}

export function decideDeleteAccount(
  state: FoldedState,
  command: DeleteAccount,
): Decision<DeleteAccount> {
  const resource = accountResource(command.name)
  const account = state.tables.accounts.get(command.name)
  if (!account) return noAccount(resource)
  for (const [, token] of state.tables.tokens.entries()) {
    if (token.account !== account.name) continue
    const message = `The account ${account.name} has tokens; revoke them first.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  if (state.tables.users.get(account.name)) {
    const message = `The account ${account.name} has a password; remove it first.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(account),
    after: null,
    // It can be created again, without its tokens, its password and what was known of the person.
    reversal: 'side-effects',
    result: null,
    secrets: eraseOf(account.person),
  }
}

/** The data goes from `__secrets`; the account, its records and every proof stay as they are. */
export function decideErasePerson(state: FoldedState, command: ErasePerson): Decision<ErasePerson> {
  const resource = accountResource(command.account)
  const account = state.tables.accounts.get(command.account)
  if (!account) return noAccount(resource)
  const after: Account = { ...account, person: null }
  return { ...accountChange(resource, account, after, eraseOf(account.person)), reversal: 'none' }
}

function accountChange(
  resource: Resource,
  before: Account | null,
  after: Account,
  secrets: readonly SecretChange[],
): Accepted<CreateAccount> {
  return {
    error: 'NONE',
    resource,
    before: before && resourceToJson(before),
    after: resourceToJson(after),
    reversal: 'full',
    result: after,
    secrets,
  }
}

function noAccount(resource: Resource) {
  return refuse('RESOURCE_NOT_FOUND', `There is no account ${resource.name}.`, resource)
}

function rolesFault(state: FoldedState, roles: readonly string[]): string | null {
  if (roles.length > MAX_ROLES) return `An account has at most ${MAX_ROLES} roles.`
  const builtIn: readonly string[] = BUILT_IN_ROLES
  const unknown = roles.find((role) => !builtIn.includes(role) && !state.tables.roles.get(role))
  return unknown === undefined ? null : `There is no role ${unknown.slice(0, 100)}.`
}

function personFault(person: PersonalData | undefined): string | null {
  if (person === undefined) return null
  const sizeBytes = Buffer.byteLength(JSON.stringify(person))
  return sizeBytes > MAX_PERSON_BYTES
    ? `What is kept of a person takes at most ${MAX_PERSON_BYTES} bytes.`
    : null
}

/** New data replaces the old, which is erased; without new data the old stays. */
function keepPerson(
  current: SecretReference | null,
  person: PersonalData | undefined,
  context: DecisionContext,
): { readonly person: SecretReference | null; readonly secrets: readonly SecretChange[] } {
  if (person === undefined) return { person: current, secrets: [] }
  const { reference, change } = context.newSecret(Buffer.from(JSON.stringify(person)))
  return { person: reference, secrets: [change, ...eraseOf(current)] }
}

function eraseOf(reference: SecretReference | null): readonly SecretChange[] {
  return reference ? [{ op: 'erase', secretId: reference.secretId }] : []
}
