import type { AdminAnswer, AdminClient, ConfigEntry, Topic } from '../cluster/index.ts'
import { BrokerUnreachableError, deletesOldRecords, retentionMs } from '../cluster/index.ts'
import type { HistoryOperation, Outbox } from '../outbox/index.ts'
import type { DiskAction } from './action.ts'
import type { DiskBroker } from './broker-port.ts'
import { BrokerRefusal } from './broker-port.ts'
import type { DiskPolicy } from './disk-policy.ts'
import { effectiveRetentionMs } from './disk-policy.ts'
import { describeStep } from './step.ts'

interface Cluster {
  readonly disk: {
    readonly totalBytes: number
    readonly freeBytes: number
  }
}

interface Capacity {
  readonly capacityBytes: number | null
  /** With the journal, which `/v1/cluster` leaves out. */
  readonly usedBytes: number
  readonly floorBytes: number
}

const POLICY = '/v1/disk-policy'
const CAPACITY = '/v1/disk-capacity'

/** The broker's disk over its admin API; what is done about it goes into the history by the outbox. */
export function createDiskBroker(admin: AdminClient, outbox: Outbox): DiskBroker {
  const put = async (path: string, body: object, action: DiskAction, ifMatch: string | null) => {
    const reason = `disk action ${action.id}: ${describeStep(action.step)}; ${action.reason}`
    const request = { method: 'PUT', path, body } as const
    const options = { dryRun: false, reason, authorization: null, ifMatch }
    acceptOrThrow(await admin.change(request, options))
  }
  return {
    async usage() {
      const [{ disk }, capacity] = await Promise.all([
        known(admin.get<Cluster>('/v1/cluster')),
        known(admin.get<Capacity>(CAPACITY)),
      ])
      const { totalBytes: volumeBytes, freeBytes } = disk
      const { capacityBytes: limitBytes, usedBytes, floorBytes } = capacity
      return { usedBytes, freeBytes, limitBytes, floorBytes, volumeBytes }
    },
    policy: () => known(admin.get<DiskPolicy>(POLICY)),
    async retention(policy) {
      const [topics, entries] = await Promise.all([
        admin.list<Topic>('/v1/topics', 'topics'),
        admin.list<ConfigEntry>('/v1/configs', 'configs'),
      ])
      const configs = new Map(entries.map((entry) => [entry.name, entry]))
      const asked = topics
        .filter((topic) => !topic.internal && deletesOldRecords(topic, configs))
        .map((topic) => retentionMs(topic, configs))
        .filter((ms) => ms !== null)
      if (asked.length === 0) return { expectedMs: null, effectiveMs: null }
      const expectedMs = asked.reduce((longest, ms) => Math.max(longest, ms))
      return { expectedMs, effectiveMs: effectiveRetentionMs(expectedMs, policy) }
    },
    setLimit: (capacityBytes, action) => put(CAPACITY, { capacityBytes }, action, null),
    async setEffectiveRetention(action) {
      const { from, to } = action.step
      const answer = await admin.look(POLICY)
      acceptOrThrow(answer)
      const policy = answer.body as DiskPolicy
      const { mode, effectiveRetentionPercent: percent } = policy
      if (percent === to) return
      if (mode !== 'retention' || percent !== from)
        throw new BrokerRefusal('somebody has changed the policy meanwhile')
      await put(POLICY, { ...policy, effectiveRetentionPercent: to }, action, answer.etag)
    },
    intend: (action) => record(outbox, intentOf(action)),
    conclude: (action) => record(outbox, outcomeOf(action)),
  }
}

async function known<T>(answer: Promise<T | null>): Promise<T> {
  const found = await answer
  if (found === null) throw new BrokerUnreachableError('the broker does not know this route')
  return found
}

/** What is refused for what it is will be refused again; a broker that is busy or goes away may take it later. */
function acceptOrThrow({ status, body }: AdminAnswer): void {
  if (status >= 200 && status < 300) return
  const { detail, title } = (body ?? {}) as { readonly detail?: string; readonly title?: string }
  const message = `HTTP ${status}: ${detail ?? title ?? ''}`
  const mayBeTakenLater = status >= 500 || status === 408 || status === 429 || status === 412
  throw mayBeTakenLater ? new BrokerUnreachableError(message) : new BrokerRefusal(message)
}

/** Resolves once the history has it: before that nothing may be done that it tells of. */
async function record(outbox: Outbox, operation: HistoryOperation): Promise<number | null> {
  await outbox.add(operation)
  await outbox.deliver()
  const result = outbox.resultOf(operation.id)
  if (result === null) throw new BrokerUnreachableError('the history has not heard of it yet')
  if (result.kind === 'refused') throw new BrokerRefusal(result.message)
  return result.seq
}

function intentOf(action: DiskAction): HistoryOperation {
  return {
    ...{ id: `${action.id}.begin`, operation: 'disk.action.begin', resource: action.id },
    ...{ occurredAtMs: action.plannedAtMs, onBehalfOf: null, reason: action.reason, before: null },
    after: { phase: 'intent', ...factsOf(action) },
  }
}

function outcomeOf(action: DiskAction): HistoryOperation {
  const { intentSeq } = action
  return {
    ...{ id: `${action.id}.end`, operation: 'disk.action.end', resource: action.id },
    occurredAtMs: action.endedAtMs ?? action.plannedAtMs,
    onBehalfOf: null,
    before: { phase: 'intent', ...factsOf(action) },
    after: { phase: action.state, ...factsOf(action), detail: action.detail },
    ...(intentSeq === null ? {} : { causes: [intentSeq] }),
  }
}

function factsOf({ step: { kind, from, to }, driver }: DiskAction): object {
  const sizes =
    kind === 'expand' ? { fromBytes: from, toBytes: to } : { fromPercent: from, toPercent: to }
  return { action: kind, driver, ...sizes }
}
