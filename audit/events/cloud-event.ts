import { recordToJson } from '../codec.ts'
import type { JsonObject } from '../json.ts'
import type { HistoryRecord } from '../record.ts'

/** Digits of `sequence`, which is compared as text. */
const SEQUENCE_DIGITS = 20

/** How CloudEvents calls the ways of establishing who somebody is (authcontext extension). */
const AUTH_TYPES: Readonly<Record<string, string>> = {
  none: 'unauthenticated',
  ANONYMOUS: 'unauthenticated',
  INTERNAL: 'system',
  token: 'api_key',
  'root-token': 'api_key',
  session: 'user',
}

/**
 * A record as a CloudEvent 1.0 in the JSON format, with the extensions authcontext, sequence,
 * recordedtime and correlation. `source` names the log; with `id` it is unique.
 */
export function toCloudEvent(record: HistoryRecord, origin: string): JsonObject {
  const { actor, resource, seq, causes } = record
  const cause = causes?.[0]
  return {
    specversion: '1.0',
    id: record.id,
    source: `/${origin}`,
    type: `glasslog.audit.${record.operation}`,
    subject: `${resource.kind}:${resource.name}`,
    time: record.occurredAt,
    datacontenttype: 'application/json',
    authtype: AUTH_TYPES[actor.mechanism] ?? 'app_user',
    authid: actor.principal,
    sequence: String(seq).padStart(SEQUENCE_DIGITS, '0'),
    recordedtime: record.recordedAt,
    correlationid: record.requestId,
    ...(cause === undefined ? {} : { causationid: String(cause) }),
    data: recordToJson(record),
  }
}
