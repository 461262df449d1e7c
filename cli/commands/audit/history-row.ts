import type { HistoryRecord, Json } from '../../../audit/index.ts'

export const HISTORY_COLUMNS = [
  'SEQ',
  'TIME',
  'PRINCIPAL',
  'FROM',
  'OPERATION',
  'RESOURCE',
  'OUTCOME',
] as const
export const HISTORY_WIDTHS = [6, 24, 20, 15, 24, 32] as const

/** The cells of a record: who did what, when, from where, with what result. */
export function historyRow(record: HistoryRecord): readonly string[] {
  const { seq, recordedAt, actor, source, operation, resource, outcome, request } = record
  const { code, message } = outcome
  const result = message === null ? code : `${code} (${message})`
  return [
    String(seq),
    recordedAt,
    actor.principal,
    source.ip,
    operation,
    `${resource.kind}:${resource.name}`,
    `${result}${timesText(request)}`,
  ]
}

/** How many attempts are counted together in a record; nothing for a record of one. */
function timesText(request: Json): string {
  if (typeof request !== 'object' || request === null) return ''
  if (!('firstAt' in request && 'count' in request)) return ''
  return request.count === 1 ? '' : `, ${request.count} times`
}
