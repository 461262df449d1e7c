import type { Resource } from '../../../audit/index.ts'
import type {
  CreateDelegationToken,
  ExpireDelegationToken,
  RenewDelegationToken,
} from '../commands.ts'
import { isTokenOf } from '../consequences.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { DelegationToken } from '../identities.ts'
import type { Decision, DecisionContext, Refused } from './decision.ts'
import { refuse } from './decision.ts'
import { MAX_NAME_LENGTH } from './resource-name.ts'

const MAX_RENEWERS = 100
const MAX_TOKENS = 100_000
/** They end together with their owner, in one call. */
const MAX_TOKENS_PER_PRINCIPAL = 10_000

function tokenResource(id: string): Resource {
  return { kind: 'delegation-token', name: id, id: null }
}

export function decideCreateDelegationToken(
  state: FoldedState,
  command: CreateDelegationToken,
  context: DecisionContext,
): Decision<CreateDelegationToken> {
  const { id, owner, renewers, maxLifetimeMs, hmac } = command
  const resource = tokenResource(id)
  const stranger = [owner, ...renewers].find((principal) => !/^User:.+$/s.test(principal))
  if (stranger !== undefined) {
    return refuse('INVALID_PRINCIPAL_TYPE', 'Owners and renewers are users.', resource)
  }
  if (renewers.length > MAX_RENEWERS || [owner, ...renewers].some(isTooLong)) {
    const message = `A token has at most ${MAX_RENEWERS} renewers, and names at most ${MAX_NAME_LENGTH} characters.`
    return refuse('INVALID_REQUEST', message, resource)
  }
  if (state.tables.delegationTokens.get(id)) {
    // Its secret would be left behind, with nobody to refer to it.
    return refuse('DUPLICATE_RESOURCE', `There is a delegation token ${id}.`, resource)
  }
  const tooMany = countFault(state, owner, context.principal)
  if (tooMany !== null) return refuse('POLICY_VIOLATION', tooMany, resource)
  const { delegationTokenMaxLifetimeMs, delegationTokenExpiryTimeMs } = context.broker
  const lifetimeMs =
    maxLifetimeMs > 0
      ? Math.min(maxLifetimeMs, delegationTokenMaxLifetimeMs)
      : delegationTokenMaxLifetimeMs
  const maxTimestampMs = context.nowMs + lifetimeMs
  const { reference, change } = context.newSecret(hmac)
  const after: DelegationToken = {
    ...{ id, owner, renewers, maxTimestampMs },
    requester: context.principal,
    issuedAtMs: context.nowMs,
    expiresAtMs: Math.min(maxTimestampMs, context.nowMs + delegationTokenExpiryTimeMs),
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

export function decideRenewDelegationToken(
  state: FoldedState,
  command: RenewDelegationToken,
  context: DecisionContext,
): Decision<RenewDelegationToken> {
  const token = usableToken(state, command.id, context)
  if ('error' in token) return token
  const { delegationTokenExpiryTimeMs } = context.broker
  const periodMs =
    command.renewPeriodMs > 0
      ? Math.min(command.renewPeriodMs, delegationTokenExpiryTimeMs)
      : delegationTokenExpiryTimeMs
  const expiresAtMs = Math.min(token.maxTimestampMs, context.nowMs + periodMs)
  return changed(token, { ...token, expiresAtMs })
}

export function decideExpireDelegationToken(
  state: FoldedState,
  command: ExpireDelegationToken,
  context: DecisionContext,
): Decision<ExpireDelegationToken> {
  const token = usableToken(state, command.id, context)
  if ('error' in token) return token
  if (command.expiryPeriodMs >= 0) {
    const expiresAtMs = Math.min(token.maxTimestampMs, context.nowMs + command.expiryPeriodMs)
    return changed(token, { ...token, expiresAtMs })
  }
  return {
    error: 'NONE',
    resource: tokenResource(token.id),
    before: resourceToJson(token),
    after: null,
    reversal: 'none',
    result: null,
    secrets: [{ op: 'erase', secretId: token.secret.secretId }],
  }
}

function changed(before: DelegationToken, after: DelegationToken): Decision<RenewDelegationToken> {
  return {
    error: 'NONE',
    resource: tokenResource(after.id),
    before: resourceToJson(before),
    after: resourceToJson(after),
    // How long it lives is up to its owner and its renewers: nobody takes that back for them.
    reversal: 'none',
    result: after,
  }
}

/** Only its owner and its renewers may renew or expire a token (KIP-48), and only while it is valid. */
function usableToken(
  state: FoldedState,
  id: string,
  context: DecisionContext,
): DelegationToken | Refused {
  const resource = tokenResource(id)
  const token = state.tables.delegationTokens.get(id)
  if (!token) return refuse('DELEGATION_TOKEN_NOT_FOUND', 'There is no such token.', resource)
  // The broker removes what has expired; nobody else may touch it any more.
  const hasExpired = token.maxTimestampMs < context.nowMs || token.expiresAtMs < context.nowMs
  if (hasExpired && !context.isSystem) {
    return refuse('DELEGATION_TOKEN_EXPIRED', 'The token has expired.', resource)
  }
  const mayRenew = token.owner === context.principal || token.renewers.includes(context.principal)
  if (!mayRenew && !context.isSystem) {
    const message = 'Only the owner and the renewers of a token may renew or expire it.'
    return refuse('DELEGATION_TOKEN_OWNER_MISMATCH', message, resource)
  }
  return token
}

function countFault({ tables }: FoldedState, ...principals: readonly string[]): string | null {
  let count = 0
  let ofThese = 0
  for (const [, token] of tables.delegationTokens.entries()) {
    count++
    if (principals.some((principal) => isTokenOf(principal, token))) ofThese++
  }
  if (count >= MAX_TOKENS) return `There are ${MAX_TOKENS} delegation tokens.`
  if (ofThese < MAX_TOKENS_PER_PRINCIPAL) return null
  return `${principals[0]} has ${MAX_TOKENS_PER_PRINCIPAL} delegation tokens.`
}

function isTooLong(name: string): boolean {
  return name.length > MAX_NAME_LENGTH || !name.isWellFormed()
}
