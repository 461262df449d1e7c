import type { HistoryRecord, Json, Resource } from '../../audit/index.ts'
import { CURRENT_SCHEMA } from '../../audit/index.ts'
import type { Uuid } from '../../kit/index.ts'
import { abbreviate } from '../../kit/index.ts'
import type { AccessDecision } from './access.ts'
import type { Actor } from './actor.ts'
import type { Command } from './commands.ts'
import type { Decision } from './decide/decision.ts'
import { resourceToJson } from './fold/resource-json.ts'
import type { Observation, ObservationGroup } from './observations/observation.ts'
import type { DeletedTopic } from './port.ts'
import type { RecordNote } from './record-note.ts'
import { cutRequest, summarizeRequest } from './request-summary.ts'

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
  'operation' | 'resource' | 'request' | 'before' | 'after' | 'outcome' | 'reversal'
> & { readonly decision?: AccessDecision } & RecordNote

/** Longest text that somebody else chose, in one member of a record. */
const MAX_TEXT_LENGTH = 1024

/** For what the broker does on its own. */
const SYSTEM_DECISION: AccessDecision = { allowed: true, rule: 'system' }

/** The broker itself, which starts, repairs and allocates. */
export const systemActor: Actor = {
  principal: 'System:broker',
  mechanism: 'INTERNAL',
  door: 'system',
  source: { ip: '', listener: '' },
}

export function recordOf(call: Call, seq: number, content: Content): HistoryRecord {
  const { actor } = call
  const { decision, reason, causes, reverts, ...rest } = content
  return {
    schema: CURRENT_SCHEMA,
    seq,
    id: call.newId(),
    requestId: call.requestId,
    recordedAt: new Date(call.now()).toISOString(),
    occurredAt: new Date(call.occurredAtMs).toISOString(),
    actor: {
      principal: abbreviate(actor.principal, MAX_TEXT_LENGTH),
      mechanism: actor.mechanism,
      ...cutMember('tokenId', actor.tokenId),
      ...cutMember('onBehalfOf', actor.onBehalfOf),
    },
    source: {
      ip: actor.source.ip,
      listener: actor.source.listener,
      ...cutMember('clientId', actor.source.clientId),
      ...cutMember('software', actor.source.software),
    },
    door: actor.door,
    decision: decision ?? SYSTEM_DECISION,
    ...rest,
    ...cutMember('reason', reason),
    ...(causes === undefined ? {} : { causes }),
    ...(reverts === undefined ? {} : { reverts }),
  }
}

type OptionalText = 'clientId' | 'software' | 'tokenId' | 'onBehalfOf' | 'reason'

function cutMember(name: OptionalText, text: string | undefined): object {
  return text === undefined ? {} : { [name]: abbreviate(text, MAX_TEXT_LENGTH) }
}

/** The record of a command that was decided, whatever was decided. */
export function decisionRecord(
  call: Call,
  seq: number,
  command: Command,
  decision: Decision,
  access: AccessDecision,
  note: RecordNote = {},
): HistoryRecord {
  const accepted = decision.error === 'NONE'
  const outcome = accepted
    ? { code: 'NONE', message: null }
    : { code: decision.error, message: abbreviate(decision.message, MAX_TEXT_LENGTH) }
  return recordOf(call, seq, {
    operation: command.kind,
    resource: accepted ? decision.resource : cutResource(decision.resource),
    decision: { ...access },
    request: summarizeRequest(command),
    before: accepted ? decision.before : null,
    after: accepted ? decision.after : null,
    outcome,
    reversal: accepted ? decision.reversal : 'none',
    ...note,
  })
}

/** Names of resources that exist are short; those of refused requests may be anything. */
function cutResource(resource: Resource): Resource {
  const { kind, name, id } = resource
  return { kind, name: abbreviate(name, 300), id: id === null ? null : abbreviate(id, 100) }
}

/** The first record of every history. */
export function clusterRecord(
  call: Call,
  clusterId: Uuid,
  auditKey: string | null = null,
): HistoryRecord {
  return recordOf(call, 0, {
    operation: 'cluster.create',
    resource: { kind: 'cluster', name: clusterId, id: clusterId },
    request: {},
    before: null,
    after: { clusterId, ...(auditKey === null ? {} : { auditKey }) },
    outcome: { code: 'NONE', message: null },
    reversal: 'none',
  })
}

/** That the logs of a deleted topic are gone, after the record of the intent. */
export function purgedTopicRecord(
  call: Call,
  seq: number,
  topic: DeletedTopic,
  freedBytes: number,
  intent: number | undefined,
): HistoryRecord {
  return recordOf(call, seq, {
    operation: 'topic.purge',
    resource: { kind: 'topic', name: topic.name, id: topic.id },
    request: { freedBytes: String(freedBytes) },
    before: resourceToJson(topic),
    after: null,
    outcome: { code: 'NONE', message: null },
    reversal: 'none',
    ...(intent === undefined ? {} : { causes: [intent] }),
  })
}

/** What somebody did or tried that changed nothing. */
export function observationRecord(
  call: Call,
  seq: number,
  observation: Observation,
): HistoryRecord {
  const { operation, resource, decision, outcome, request = {}, causes } = observation
  return recordOf(call, seq, {
    operation,
    resource: cutResource(resource),
    decision: { ...decision },
    request: cutRequest(request),
    before: null,
    after: null,
    outcome: cutOutcome(outcome),
    reversal: 'none',
    ...(causes === undefined ? {} : { causes }),
  })
}

/** Many observations of one kind, in one record. */
export function aggregateRecord(call: Call, seq: number, group: ObservationGroup): HistoryRecord {
  const { first, count, kinds, firstAtMs, lastAtMs } = group
  const request = {
    ...first.request,
    ...(kinds > 1 ? { kinds } : {}),
    count,
    firstAt: new Date(firstAtMs).toISOString(),
    lastAt: new Date(lastAtMs).toISOString(),
  }
  return observationRecord({ ...call, actor: first.actor, occurredAtMs: firstAtMs }, seq, {
    ...first,
    request,
  })
}

function cutOutcome({ code, message }: Observation['outcome']): HistoryRecord['outcome'] {
  return { code, message: message === null ? null : abbreviate(message, MAX_TEXT_LENGTH) }
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
