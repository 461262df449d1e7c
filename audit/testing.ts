import type { HistoryRecord } from './record.ts'
import { CURRENT_SCHEMA } from './record.ts'

/** A sound record for tests, with what matters to the test in `changes`. */
export function exampleRecord(seq: number, changes: Partial<HistoryRecord> = {}): HistoryRecord {
  return {
    schema: CURRENT_SCHEMA,
    seq,
    id: `id-${seq}`,
    requestId: `request-${seq}`,
    recordedAt: new Date(seq * 1000).toISOString(),
    occurredAt: new Date(seq * 1000).toISOString(),
    actor: { principal: 'User:alice', mechanism: 'SCRAM-SHA-512' },
    source: { ip: '127.0.0.1', listener: 'PLAINTEXT', clientId: 'admin-1' },
    door: 'kafka',
    operation: 'topic.create',
    resource: { kind: 'topic', name: `topic-${seq}`, id: `topic-id-${seq}` },
    decision: { allowed: true, rule: 'no-authorizer' },
    request: { name: `topic-${seq}` },
    before: null,
    after: { name: `topic-${seq}` },
    outcome: { code: 'NONE', message: null },
    reversal: 'full',
    ...changes,
  }
}
