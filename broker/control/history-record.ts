import type { HistoryRecord, Json, Resource } from '../../audit/index.ts'
import { CURRENT_SCHEMA } from '../../audit/index.ts'
import type { Uuid } from '../../kit/index.ts'
import { abbreviate } from '../../kit/index.ts'
import type { Command } from './commands.ts'
import type { Decision } from './decide/decision.ts'
import type { Actor } from './port.ts'
import { summarizeRequest } from './request-summary.ts'

/** What the records of one call share. */
export interface Call {
  readonly requestId: Uuid
  readonly actor: Actor
  /** When the call came. */
  readonly occurredAtMs: number
  readonly now: () => number
  readonly newId: () => Uuid
}

/** What differs from record to record. */
type Content = Pick<
  HistoryRecord,
  'operation' | 'resource' | 'request' | 'before' | 'after' | 'outcome' | 'reversal' | 'causes'
>

/** Longest text that somebody else chose, in one member of a record. */
const MAX_TEXT_LENGTH = 1024

/** Nobody is refused for want of permission as long as there is no authorizer; the records say so. */
const DECISION = { allowed: true, rule: 'no-authorizer' } as const

/** The broker itself, which starts, repairs and allocates. */
export const systemActor: Actor = {
  principal: 'System:broker',
  mechanism: 'INTERNAL',
  door: 'system',
  source: { ip: '', listener: '' },
}

export function recordOf(call: Call, seq: number, content: Content): HistoryRecord {
  const { actor } = call
  return {
    schema: CURRENT_SCHEMA,
    seq,
    id: call.newId(),
    requestId: call.requestId,
    recordedAt: new Date(call.now()).toISOString(),
    occurredAt: new Date(call.occurredAtMs).toISOString(),
    actor: { principal: abbreviate(actor.principal, MAX_TEXT_LENGTH), mechanism: actor.mechanism },
    source: {
      ip: actor.source.ip,
      listener: actor.source.listener,
      ...cutMember('clientId', actor.source.clientId),
      ...cutMember('software', actor.source.software),
    },
    door: actor.door,
    decision: DECISION,
    ...content,
  }
}

function cutMember(name: 'clientId' | 'software', text: string | undefined): object {
  return text === undefined ? {} : { [name]: abbreviate(text, MAX_TEXT_LENGTH) }
}

/** The record of a command that was decided, whatever was decided. */
export function decisionRecord(
  call: Call,
  seq: number,
  command: Command,
  decision: Decision,
): HistoryRecord {
  const accepted = decision.error === 'NONE'
  const outcome = accepted
    ? { code: 'NONE', message: null }
    : { code: decision.error, message: abbreviate(decision.message, MAX_TEXT_LENGTH) }
  return recordOf(call, seq, {
    operation: command.kind,
    resource: cutResource(decision.resource),
    request: summarizeRequest(command),
    before: accepted ? decision.before : null,
    after: accepted ? decision.after : null,
    outcome,
    reversal: accepted ? decision.reversal : 'none',
  })
}

/** Names of resources that exist are short; those of refused requests may be anything. */
function cutResource(resource: Resource): Resource {
  const { kind, name, id } = resource
  return { kind, name: abbreviate(name, 300), id: id === null ? null : abbreviate(id, 100) }
}

/** The first record of every history. */
export function clusterRecord(call: Call, clusterId: Uuid): HistoryRecord {
  return recordOf(call, 0, {
    operation: 'cluster.create',
    resource: { kind: 'cluster', name: clusterId, id: clusterId },
    request: {},
    before: null,
    after: { clusterId },
    outcome: { code: 'NONE', message: null },
    reversal: 'none',
  })
}

/** What came of deleting records, after the record of the intent. */
export function purgeRecord(
  call: Call,
  seq: number,
  intent: number,
  resource: Resource,
  result:
    | { readonly logStartOffset: number }
    | { readonly error: string; readonly message: string },
): HistoryRecord {
  const done = 'logStartOffset' in result
  const after: Json = done
    ? { phase: 'done', intent, logStartOffset: result.logStartOffset }
    : { phase: 'failed', intent }
  return recordOf(call, seq, {
    operation: 'records.delete',
    resource,
    request: {},
    before: null,
    after,
    outcome: done
      ? { code: 'NONE', message: null }
      : { code: result.error, message: abbreviate(result.message, MAX_TEXT_LENGTH) },
    reversal: 'none',
    causes: [intent],
  })
}
