import type { HistoryRecord, HistoryState, Json, Resource } from '../../audit/index.ts'
import { CURRENT_SCHEMA, resourceKey } from '../../audit/index.ts'
import type { AclBinding } from '../../broker/control/index.ts'
import { aclId } from '../../broker/control/index.ts'
import type { Random } from '../../kit/index.ts'
import { randomUuid } from '../../kit/index.ts'

/** How many resources of each kind the example cluster has, once all of them were created. */
const TOPICS = 1_000
const ACLS = 5_000
const ROLES = 200
const ACCOUNTS = 2_000
const GROUPS = 1_000
const PRINCIPALS = 200

const FIRST_MS = Date.UTC(2026, 0, 1)
const CREATED_AT_MS = 1.7e12

/** One operation on a resource: what it is called, and the whole resource afterwards. */
interface Change {
  readonly operation: string
  readonly resource: Resource
  readonly request: { readonly [name: string]: Json }
  readonly after: Json
}

/**
 * Records as a busy cluster would leave them, each of which follows from those before it: a broker
 * can be started on them. Many names, few operations, one in twenty refused.
 */
export class ExampleRecords {
  readonly #random: Random
  readonly #auditKey: string
  readonly #values = new Map<string, Json>()

  /** Goes on from the state that an earlier run left. */
  constructor(random: Random, auditKey: string, state: HistoryState) {
    this.#random = random
    this.#auditKey = auditKey
    for (const { key, value } of state.entries()) this.#values.set(key, value)
  }

  next(seq: number): HistoryRecord {
    if (seq === 0) return clusterRecord(this.#random, this.#auditKey)
    const random = this.#random
    const change = this.#change()
    const key = resourceKey(change.resource)
    const before = this.#values.get(key) ?? null
    const isRefused = random.below(20) === 0
    if (!isRefused) this.#values.set(key, change.after)
    const time = new Date(FIRST_MS + seq * 1_000 + random.below(1_000)).toISOString()
    return {
      schema: CURRENT_SCHEMA,
      ...{ seq, id: randomUuid(random), requestId: randomUuid(random) },
      ...{ recordedAt: time, occurredAt: time },
      actor: { principal: `User:operator-${random.below(PRINCIPALS)}`, mechanism: 'SCRAM-SHA-512' },
      source: {
        ip: `10.0.${random.below(4)}.${random.below(256)}`,
        listener: 'SASL_SSL',
        clientId: `admin-${random.below(50)}`,
      },
      door: random.below(3) === 0 ? 'http' : 'kafka',
      operation: change.operation,
      resource: change.resource,
      decision: { allowed: !isRefused, rule: isRefused ? 'default' : 'role:operator' },
      request: change.request,
      before: isRefused ? null : before,
      after: isRefused ? null : change.after,
      outcome: isRefused
        ? { code: 'TOPIC_AUTHORIZATION_FAILED', message: 'not allowed' }
        : { code: 'NONE', message: null },
      reversal: isRefused ? 'none' : 'full',
    }
  }

  #change(): Change {
    const random = this.#random
    const share = random.below(10)
    if (share < 5) return this.#topicChange(random.below(TOPICS))
    if (share < 7) return this.#aclChange(random.below(ACLS))
    if (share < 8) return this.#roleChange(random.below(ROLES))
    if (share < 9) return this.#accountChange(random.below(ACCOUNTS))
    return offsetReset(random.below(GROUPS), random.below(1e6))
  }

  #topicChange(number: number): Change {
    const name = `orders-${number}`
    const id = `topic-id-${String(number).padStart(12, '0')}A`
    const resource = { kind: 'topic', name, id }
    const configs = {
      'retention.ms': String(this.#random.below(1e9)),
      'cleanup.policy': 'delete',
    }
    const after = {
      ...{ id, name, partitionCount: 2, configs, internal: false },
      createdAtMs: CREATED_AT_MS,
    }
    const operation = this.#values.has(resourceKey(resource))
      ? 'topic.config.alter'
      : 'topic.create'
    return { operation, resource, request: { name, configs }, after }
  }

  #aclChange(number: number): Change {
    const binding: AclBinding = {
      ...{ resourceType: 'TOPIC', resourceName: `orders-${number % TOPICS}` },
      ...{ patternType: 'LITERAL', principal: `User:reader-${number}`, host: '*' },
      ...{ operation: 'READ', permission: 'ALLOW' },
    }
    const resource = { kind: 'acl', name: binding.principal, id: aclId(binding) }
    const isThere = (this.#values.get(resourceKey(resource)) ?? null) !== null
    return {
      ...{ operation: isThere ? 'acl.delete' : 'acl.create', resource },
      ...{ request: { binding: { ...binding } }, after: isThere ? null : { ...binding } },
    }
  }

  #roleChange(number: number): Change {
    const name = `role-${number}`
    const resource = { kind: 'role', name, id: null }
    const rule = {
      ...{ resourceType: 'TOPIC', operation: 'READ', patternType: 'PREFIXED' },
      resourceName: `orders-${this.#random.below(TOPICS)}`,
    }
    const operation = this.#values.has(resourceKey(resource)) ? 'role.alter' : 'role.create'
    return { operation, resource, request: { name }, after: { name, rules: [rule] } }
  }

  #accountChange(number: number): Change {
    const name = `operator-${number}`
    const resource = { kind: 'account', name, id: null }
    const roles = [`role-${this.#random.below(ROLES)}`]
    const operation = this.#values.has(resourceKey(resource)) ? 'account.alter' : 'account.create'
    const after = {
      ...{ name, roles, isDisabled: this.#random.below(10) === 0, person: null },
      createdAtMs: CREATED_AT_MS,
    }
    return { operation, resource, request: { name, roles }, after }
  }
}

function offsetReset(number: number, offset: number): Change {
  const groupId = `group-${number}`
  const offsets = { [`orders-${number}`]: { 0: offset, 1: offset } }
  return {
    operation: 'group.offsets.reset',
    resource: { kind: 'group-offsets', name: groupId, id: null },
    request: { groupId },
    after: { groupId, offsets },
  }
}

function clusterRecord(random: Random, auditKey: string): HistoryRecord {
  const time = new Date(FIRST_MS).toISOString()
  return {
    schema: CURRENT_SCHEMA,
    ...{ seq: 0, id: randomUuid(random), requestId: randomUuid(random) },
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
