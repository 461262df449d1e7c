import { expect, it } from 'vitest'
import type { HistoryRecord, Json } from '../../../audit/index.ts'
import { historyRow } from './history-row.ts'

const record = (request: Json, message: string | null): HistoryRecord => ({
  schema: 1,
  seq: 7,
  id: 'i',
  requestId: 'r',
  recordedAt: '2026-01-31T12:00:00.000Z',
  occurredAt: '2026-01-31T12:00:00.000Z',
  actor: { principal: 'User:alice', mechanism: 'PLAIN' },
  source: { ip: '203.0.113.9', listener: 'PLAIN' },
  door: 'kafka',
  operation: 'login',
  resource: { kind: 'user', name: 'alice', id: null },
  decision: { allowed: false, rule: 'login-failed' },
  request,
  before: null,
  after: null,
  outcome: { code: 'SASL_AUTHENTICATION_FAILED', message },
  reversal: 'none',
})

const counted = (count: number): Json => ({ count, firstAt: 'a', lastAt: 'b' })

it('says from where', () => {
  expect(historyRow(record({}, null)).slice(2, 5)).toEqual(['User:alice', '203.0.113.9', 'login'])
})

it.each([
  [{}, 'SASL_AUTHENTICATION_FAILED (wrong)'],
  [{ count: 3 }, 'SASL_AUTHENTICATION_FAILED (wrong)'],
  [counted(1), 'SASL_AUTHENTICATION_FAILED (wrong)'],
  [counted(40), 'SASL_AUTHENTICATION_FAILED (wrong), 40 times'],
])('says of %j how many attempts it stands for', (request, outcome) => {
  expect(historyRow(record(request, 'wrong')).at(-1)).toBe(outcome)
})
