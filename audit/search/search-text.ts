import type { Json } from '../json.ts'
import type { HistoryRecord } from '../record.ts'

/**
 * What free text is looked for in: every text and number of a record, and the names of members where
 * they are somebody's choice (request, before, after), in lower case, one a line. Words never run
 * from one value into the next.
 */
export function searchText(record: HistoryRecord): string {
  const { actor, source, resource, decision, outcome } = record
  const parts: string[] = [
    String(record.seq),
    record.id,
    record.requestId,
    record.recordedAt,
    record.occurredAt,
    actor.principal,
    actor.mechanism,
    source.ip,
    source.listener,
    record.door,
    record.operation,
    resource.kind,
    resource.name,
    decision.rule,
    outcome.code,
    record.reversal,
  ]
  for (const optional of [
    actor.tokenId,
    actor.onBehalfOf,
    source.clientId,
    source.software,
    resource.id,
    outcome.message,
    record.reason,
  ]) {
    if (optional) parts.push(optional)
  }
  for (const value of [record.request, record.before, record.after]) collect(value, parts)
  // Two line breaks at the end: the last letters have grams of three characters, too.
  return `${parts.join('\n').toLowerCase()}\n\n`
}

function collect(value: Json, parts: string[]): void {
  if (typeof value === 'string') parts.push(value)
  else if (typeof value === 'number') parts.push(String(value))
  else if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) for (const item of value as readonly Json[]) collect(item, parts)
    else collectMembers(value as { readonly [key: string]: Json | undefined }, parts)
  }
}

function collectMembers(
  object: { readonly [key: string]: Json | undefined },
  parts: string[],
): void {
  for (const name of Object.keys(object)) {
    parts.push(name)
    collect(object[name] ?? null, parts)
  }
}

/** The words of a query, in lower case: a record matches when its text has all of them. */
export function searchWords(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}
