import type { HistoryRecord, HistoryState } from '../../../audit/index.ts'
import { CURRENT_SCHEMA } from '../../../audit/index.ts'
import type { Authorizer, Requester } from '../access.ts'
import { CLUSTER_RESOURCE_NAME } from '../access.ts'
import type { Actor } from '../actor.ts'
import { applyRecord } from '../fold/fold.ts'
import { LiveState } from '../fold/folded-state.ts'
import { ANONYMOUS } from '../observations/attempt-meter.ts'
import type { ClusterState } from '../port.ts'

/**
 * Why a rewind must not lead to this state: whoever asks could not administer any more, or nobody
 * could at one of the doors where somebody can now. Null when it may. The root account, whose token
 * lies on the broker's machine, is never counted: it is for emergencies.
 */
export function lockoutFault(
  before: ClusterState,
  result: HistoryState,
  actor: Actor,
  authorizerIn: (state: ClusterState) => Authorizer,
): string | null {
  const after = stateOf(result)
  const [now, then] = [authorizerIn(before), authorizerIn(after)]
  const self: Requester = {
    principal: actor.principal,
    host: actor.source.ip,
    door: actor.door,
  }
  if (mayAdminister(now, self) && !mayAdminister(then, self)) {
    return `${actor.principal} could not administer any more afterwards.`
  }
  for (const door of ['http', 'kafka'] as const) {
    const host = actor.source.ip
    const isAdministered = (state: ClusterState, authorizer: Authorizer): boolean =>
      [ANONYMOUS, ...candidates(state, door)].some((principal) =>
        mayAdminister(authorizer, { principal, host, door }),
      )
    if (isAdministered(before, now) && !isAdministered(after, then)) {
      return `Nobody could administer at the ${door} door any more afterwards.`
    }
  }
  return null
}

function mayAdminister(authorizer: Authorizer, who: Requester): boolean {
  return authorizer.authorize(who, 'ALTER', 'CLUSTER', CLUSTER_RESOURCE_NAME).allowed
}

/** Everybody whom the state knows at a door; a door that is open to anybody needs nobody. */
function candidates(state: ClusterState, door: 'http' | 'kafka'): readonly string[] {
  if (door === 'http') {
    const enabled = [...state.accounts.values()].filter(({ isDisabled }) => !isDisabled)
    return enabled.map(({ name }) => `User:${name}`)
  }
  const users = [...state.users.keys()].map((name) => `User:${name}`)
  const named = [...state.acls.values()].map(({ principal }) => principal)
  return [...new Set([...users, ...named])].filter((principal) => principal !== 'User:*')
}

/** The broker's reading of a state that the history gave: each resource as if one record had put it. */
function stateOf(resources: HistoryState): LiveState {
  const state = new LiveState()
  for (const { resource, value, seq, recordedAt } of resources.entries()) {
    const record: HistoryRecord = {
      ...{ schema: CURRENT_SCHEMA, seq, id: '', requestId: '', resource },
      ...{ recordedAt, occurredAt: recordedAt, before: null, after: value, request: {} },
      actor: { principal: '', mechanism: '' },
      source: { ip: '', listener: '' },
      ...{ door: 'system', operation: 'state', reversal: 'none' },
      decision: { allowed: true, rule: 'state' },
      outcome: { code: 'NONE', message: null },
    }
    applyRecord(state, record)
  }
  return state
}
