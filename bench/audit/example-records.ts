import type { HistoryRecord } from '../../audit/index.ts'
import { CURRENT_SCHEMA } from '../../audit/index.ts'
import type { Random } from '../../kit/index.ts'
import { randomUuid } from '../../kit/index.ts'

const OPERATIONS = [
  'topic.create',
  'topic.config.alter',
  'acl.create',
  'user.scram.upsert',
] as const
const TOPICS = 5_000
const PRINCIPALS = 200

/** Records as a busy cluster would leave them: many names, few operations, one in twenty refused. */
export function exampleRecord(seq: number, random: Random, auditKey: string): HistoryRecord {
  if (seq === 0) return clusterRecord(random, auditKey)
  const topic = random.below(TOPICS)
  const name = `orders-${topic}`
  const id = `topic-id-${String(topic).padStart(13, '0')}`
  const isRefused = random.below(20) === 0
  const time = new Date(Date.UTC(2026, 0, 1) + seq * 1_000 + random.below(1_000)).toISOString()
  const configs = { 'retention.ms': String(random.below(1e9)), 'cleanup.policy': 'delete' }
  const value = { id, name, partitionCount: 12, configs, internal: false, createdAtMs: 1.7e12 }
  return {
    schema: CURRENT_SCHEMA,
    seq,
    id: randomUuid(random),
    requestId: randomUuid(random),
    recordedAt: time,
    occurredAt: time,
    actor: { principal: `User:operator-${random.below(PRINCIPALS)}`, mechanism: 'SCRAM-SHA-512' },
    source: {
      ip: `10.0.${random.below(4)}.${random.below(256)}`,
      listener: 'SASL_SSL',
      clientId: `admin-${random.below(50)}`,
    },
    door: random.below(3) === 0 ? 'http' : 'kafka',
    operation: OPERATIONS[random.below(OPERATIONS.length)] ?? 'topic.create',
    resource: { kind: 'topic', name, id },
    decision: { allowed: !isRefused, rule: isRefused ? 'default' : 'role:operator' },
    request: { name, configs },
    before: isRefused ? null : value,
    after: isRefused ? null : value,
    outcome: isRefused
      ? { code: 'TOPIC_AUTHORIZATION_FAILED', message: 'not allowed' }
      : { code: 'NONE', message: null },
    reversal: isRefused ? 'none' : 'full',
  }
}

function clusterRecord(random: Random, auditKey: string): HistoryRecord {
  const time = new Date(Date.UTC(2026, 0, 1)).toISOString()
  return {
    schema: CURRENT_SCHEMA,
    seq: 0,
    ...{ id: randomUuid(random), requestId: randomUuid(random) },
    ...{ recordedAt: time, occurredAt: time },
    actor: { principal: 'System:broker', mechanism: 'INTERNAL' },
    source: { ip: '', listener: '' },
    door: 'system',
    operation: 'cluster.create',
    resource: { kind: 'cluster', name: 'bench', id: 'bench' },
    decision: { allowed: true, rule: 'system' },
    request: {},
    before: null,
    after: { clusterId: 'bench', auditKey },
    outcome: { code: 'NONE', message: null },
    reversal: 'none',
  }
}
