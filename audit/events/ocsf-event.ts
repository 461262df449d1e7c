import type { Json, JsonObject } from '../json.ts'
import type { HistoryRecord } from '../record.ts'

/** The release of OCSF whose classes and attributes these are. */
const OCSF_VERSION = '1.3.0'

/** Classes of OCSF that control operations fall into, and their categories. */
const CLASSES = {
  accountChange: { class_uid: 3001, category_uid: 3 },
  authentication: { class_uid: 3002, category_uid: 3 },
  entityManagement: { class_uid: 3004, category_uid: 3 },
  apiActivity: { class_uid: 6003, category_uid: 6 },
} as const

const OTHER = 99

/** Create, Read, Update, Delete, as API Activity and Entity Management number them. */
type Verb = 1 | 2 | 3 | 4

/** What the last word of an operation's code does; what is not here changes something. */
const VERBS: Readonly<Record<string, Verb>> = {
  create: 1,
  upsert: 1,
  read: 2,
  access: 2,
  delete: 4,
  purge: 4,
  revoke: 4,
  expire: 4,
  erase: 4,
}

/** Activities of Account Change that operations on users and accounts are. */
const ACCOUNT_ACTIVITIES: Readonly<Record<string, number>> = {
  'account.create': 1,
  'account.delete': 6,
  'user.scram.upsert': 3,
  'user.scram.delete': 6,
}

/** Kinds of resources that decide who may do what, or how much. */
const ENTITIES: readonly string[] = [
  'acl',
  'role',
  'api-token',
  'delegation-token',
  'client-quota',
  'audit-key',
]

/** A record as an event of OCSF, for a SIEM. What OCSF has no place for is in `unmapped`. */
export function toOcsfEvent(record: HistoryRecord, origin: string): JsonObject {
  const { kind } = record.resource
  if (record.operation === 'login') return authentication(record, origin)
  if (kind === 'user' || kind === 'account') return accountChange(record, origin)
  if (ENTITIES.includes(kind)) return entityManagement(record, origin)
  return apiActivity(record, origin)
}

function authentication(record: HistoryRecord, origin: string): JsonObject {
  return {
    ...baseEvent(record, origin, CLASSES.authentication, 1),
    user: userOf(record.actor.principal),
    service: { name: record.source.listener || 'glasslog' },
    auth_protocol: record.actor.mechanism,
    auth_protocol_id: OTHER,
    src_endpoint: sourceOf(record),
  }
}

function accountChange(record: HistoryRecord, origin: string): JsonObject {
  const activity = ACCOUNT_ACTIVITIES[record.operation] ?? OTHER
  return {
    ...baseEvent(record, origin, CLASSES.accountChange, activity),
    actor: actorOf(record),
    user: userOf(`User:${record.resource.name}`),
    src_endpoint: sourceOf(record),
  }
}

function entityManagement(record: HistoryRecord, origin: string): JsonObject {
  const { before, after, reason } = record
  return {
    ...baseEvent(record, origin, CLASSES.entityManagement, verbOf(record)),
    actor: actorOf(record),
    entity: entityOf(record, before ?? after),
    ...(after === null ? {} : { entity_result: entityOf(record, after) }),
    ...(reason === undefined ? {} : { comment: reason }),
    src_endpoint: sourceOf(record),
  }
}

function apiActivity(record: HistoryRecord, origin: string): JsonObject {
  const { kind, name, id } = record.resource
  const { code, message } = record.outcome
  const error = code === 'NONE' ? {} : { error: code, error_message: message ?? code }
  return {
    ...baseEvent(record, origin, CLASSES.apiActivity, verbOf(record)),
    actor: actorOf(record),
    api: {
      operation: record.operation,
      service: { name: 'glasslog' },
      request: { uid: record.requestId },
      response: { code: code === 'NONE' ? 0 : 1, ...error },
    },
    resources: [{ type: kind, name, ...(id === null ? {} : { uid: id }) }],
    src_endpoint: sourceOf(record),
  }
}

/** What every class has. Times are milliseconds since the epoch. */
function baseEvent(
  record: HistoryRecord,
  origin: string,
  { class_uid, category_uid }: (typeof CLASSES)[keyof typeof CLASSES],
  activity_id: number,
): JsonObject {
  const { outcome, decision, resource, request, before, after, reverts, causes } = record
  const { onBehalfOf } = record.actor
  const isSuccess = outcome.code === 'NONE'
  return {
    activity_id,
    // Other activities say in words what they are.
    ...(activity_id === OTHER ? { activity_name: record.operation } : {}),
    category_uid,
    class_uid,
    type_uid: class_uid * 100 + activity_id,
    time: Date.parse(record.occurredAt),
    // Informational; low for what was refused.
    severity_id: isSuccess ? 1 : 2,
    status_id: isSuccess ? 1 : 2,
    status_code: outcome.code,
    ...(outcome.message === null ? {} : { status_detail: outcome.message }),
    message: `${record.actor.principal} ${record.operation} ${resource.kind}:${resource.name}: ${outcome.code}`,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Glasslog', vendor_name: 'Glasslog', uid: origin },
      uid: record.id,
      sequence: record.seq,
      correlation_uid: record.requestId,
      event_code: record.operation,
      log_name: '__audit',
      logged_time: Date.parse(record.recordedAt),
      original_time: record.occurredAt,
    },
    unmapped: {
      ...{ decision: { ...decision }, resource: { ...resource }, request, before, after },
      ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
      ...(reverts === undefined ? {} : { reverts }),
      ...(causes === undefined ? {} : { causes }),
    },
  }
}

function verbOf({ operation, before, after, outcome }: HistoryRecord): Verb {
  if (outcome.code === 'NONE' && (before !== null || after !== null)) {
    if (before === null) return 1
    return after === null ? 4 : 3
  }
  return VERBS[operation.slice(operation.lastIndexOf('.') + 1)] ?? 3
}

function actorOf({ actor, decision }: HistoryRecord): JsonObject {
  const { principal, tokenId } = actor
  return {
    user: { ...userOf(principal), ...(tokenId === undefined ? {} : { credential_uid: tokenId }) },
    authorizations: [
      { decision: decision.allowed ? 'Allowed' : 'Denied', policy: { name: decision.rule } },
    ],
  }
}

/** Type 1 is a user, 3 the system itself. */
function userOf(principal: string): JsonObject {
  const isSystem = principal.startsWith('System:')
  return { name: principal, type_id: isSystem ? 3 : 1 }
}

function sourceOf({ source }: HistoryRecord): JsonObject {
  const { ip, listener, clientId } = source
  return {
    ...(ip === '' ? {} : { ip }),
    ...(clientId === undefined ? {} : { name: clientId }),
    svc_name: listener === '' ? 'glasslog' : listener,
  }
}

function entityOf({ resource }: HistoryRecord, data: Json): JsonObject {
  const { kind, name, id } = resource
  return {
    type: kind,
    name,
    ...(id === null ? {} : { uid: id }),
    ...(data === null ? {} : { data: typeof data === 'object' ? data : { value: data } }),
  }
}
