import type { Resource } from '../../../audit/index.ts'
import type { CreateToken, RevokeToken } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { ApiToken } from '../identities.ts'
import { ROOT_ACCOUNT } from './accounts.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { refuse } from './decision.ts'
import { nameFault } from './resource-name.ts'

const HASH_BYTES = 32

/** Tokens of one account: whoever may make them shall not fill the memory. */
const MAX_TOKENS_PER_ACCOUNT = 100

function tokenResource(id: string, account: string): Resource {
  return { kind: 'api-token', name: account, id }
}

export function decideCreateToken(
  state: FoldedState,
  command: CreateToken,
  context: DecisionContext,
): Decision<CreateToken> {
  const { id, account, label, hash } = command
  const expiresAtMs = expiryOf(command)
  const resource = tokenResource(id, account)
  if (!isKnown(state, account)) {
    return refuse('RESOURCE_NOT_FOUND', `There is no account ${account}.`, resource)
  }
  const fault =
    (label === '' ? null : nameFault('label', label)) ??
    (hash.length === HASH_BYTES ? null : `A token's hash has ${HASH_BYTES} bytes.`) ??
    (expiresAtMs === -1 || expiresAtMs > context.nowMs ? null : 'The token has expired already.') ??
    outlivingFault(command)
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  if (state.tables.tokens.get(id)) {
    return refuse('DUPLICATE_RESOURCE', `There is a token ${id}.`, resource)
  }
  if (countOf(state, account) >= MAX_TOKENS_PER_ACCOUNT) {
    const message = `The account ${account} has ${MAX_TOKENS_PER_ACCOUNT} tokens; revoke some first.`
    return refuse('POLICY_VIOLATION', message, resource)
  }
  const { reference, change } = context.newSecret(hash)
  const after: ApiToken = {
    ...{ id, account, label, expiresAtMs },
    createdAtMs: context.nowMs,
    secret: reference,
  }
  return {
    error: 'NONE',
    resource,
    before: null,
    after: resourceToJson(after),
    reversal: 'full',
    result: after,
    secrets: [change],
  }
}

export function decideRevokeToken(state: FoldedState, { id }: RevokeToken): Decision<RevokeToken> {
  const token = state.tables.tokens.get(id)
  const resource = tokenResource(id, token?.account ?? '')
  if (!token) return refuse('RESOURCE_NOT_FOUND', 'There is no such token.', resource)
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(token),
    after: null,
    // What was revoked stays revoked: somebody may have had a reason not to trust it.
    reversal: 'none',
    result: null,
    secrets: [{ op: 'erase', secretId: token.secret.secretId }],
  }
}

/** A token whose end nobody asked for ends with the credential that asks for it. */
function expiryOf({ expiresAtMs, notAfterMs }: CreateToken): number {
  return expiresAtMs === -1 ? (notAfterMs ?? -1) : expiresAtMs
}

/** Otherwise whoever has a credential for an hour could make of it one for ever. */
function outlivingFault({ expiresAtMs, notAfterMs }: CreateToken): string | null {
  if (notAfterMs === undefined || expiresAtMs <= notAfterMs) return null
  const end = new Date(notAfterMs).toISOString()
  return `The token would outlive the credential that asks for it, which ends at ${end}.`
}

function isKnown(state: FoldedState, account: string): boolean {
  return account === ROOT_ACCOUNT || state.tables.accounts.get(account) !== undefined
}

function countOf(state: FoldedState, account: string): number {
  let count = 0
  for (const [, token] of state.tables.tokens.entries()) {
    if (token.account === account) count++
  }
  return count
}
