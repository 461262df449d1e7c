import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryState, Json, JsonObject } from '../audit/index.ts'
import { canonicalJson, HistoryTrail } from '../audit/index.ts'
import { anyCommand, commandArbitraries, inState } from '../broker/control/arbitrary/testing.ts'
import type { AclBinding, Command, ControlPlane } from '../broker/control/index.ts'
import { operations, replayHistory } from '../broker/control/index.ts'
import { silentLogger } from '../kit/index.ts'
import type { TestBroker } from './support/test-broker.ts'
import { startTestBroker, TEST_ACTOR } from './support/test-broker.ts'

/** What holds for operations of every kind, whatever was done before. */

const commands = fc.array(anyCommand, { maxLength: 25 })

async function inBroker(work: (broker: TestBroker) => Promise<void>): Promise<void> {
  const broker = await startTestBroker()
  try {
    await work(broker)
  } finally {
    await broker.stop()
  }
}

async function run(control: ControlPlane, command: Command) {
  const [outcome] = await control.execute([inState(command, control.state)], TEST_ACTOR)
  if (!outcome) throw new Error('a command without an outcome')
  return outcome
}

/** Every resource by its key. */
function valuesOf(state: HistoryState): ReadonlyMap<string, Json> {
  return new Map([...state.entries()].map(({ key, value }) => [key, value]))
}

describe('a state of the past', () => {
  it('is the state that was observed then, and so is the replay', { timeout: 60_000 }, async () => {
    const once = (given: readonly Command[]): Promise<void> =>
      inBroker(async ({ services: { control }, disk, time }) => {
        const { history } = control
        const directory = '/data/audit'
        const options = { history, directory, disk, ...time, logger: silentLogger }
        const trail = await HistoryTrail.open(options)
        const observed = new Map<number, ReadonlyMap<string, Json>>()
        for (const command of given) {
          await run(control, command)
          observed.set(control.state.seq, valuesOf(control.resources))
        }
        for (const [seq, then] of observed) {
          expect(valuesOf(await trail.stateAt({ seq }))).toEqual(then)
        }
        const replay = await replayHistory(history)
        expect(replay.resources.hash()).toBe(trail.state.hash())
        expect(new Map(replay.state.topics)).toEqual(new Map(control.state.topics))
        await trail.stop()
      })
    await fc.assert(fc.asyncProperty(commands, once), { seed: 21, numRuns: 25 })
  })
})

/** Members that say when something was made or where its secret lies: they are new when it is made anew. */
const NEW_EACH_TIME: ReadonlySet<string> = new Set(['createdAtMs', 'deletedAtMs', 'purgeAtMs'])

/** What a rewind is to bring back of a state, as texts that can be compared. */
function essence({ control, groups }: TestBroker['services']): Promise<readonly string[]> {
  const resources = [...control.resources.entries()].flatMap(({ key, resource, value }) => {
    const members = value as JsonObject
    // A topic that was deleted can come back, whoever deleted it; what groups committed is asked of them.
    if (resource.kind === 'group-offsets' || members.deletedAtMs !== undefined) return []
    // The broker makes it when there is a first group.
    if (members.internal === true) return []
    const isEmpty = resource.kind === 'broker-config' && canonicalJson(value) === '{"configs":{}}'
    if (isEmpty) return []
    const kept = Object.entries(members).filter(([name]) => !NEW_EACH_TIME.has(name))
    return `${key} ${canonicalJson(Object.fromEntries(kept))}`
  })
  const offsets = groups.list().groups.map(async ({ groupId }) => {
    const group = await groups.describe(groupId)
    if (group === null || typeof group === 'string') return ''
    const committed = [...group.offsets].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, { offset }]) => `${topic}-${partition}: ${offset}`),
    )
    return committed.length === 0 ? '' : `${groupId} ${committed.sort()}`
  })
  return Promise.all([...resources, ...offsets]).then((all) =>
    all.filter((text) => text !== '').sort(),
  )
}

/** Numbers of the records that a rewind made, or null when it was refused as a whole. */
async function undo(
  control: ControlPlane,
  undone: readonly number[],
): Promise<{ readonly seqs: readonly number[]; readonly isWhole: boolean } | null> {
  const answer = await control.rewind({ undo: undone }, TEST_ACTOR, { dryRun: false })
  if (answer.plan.refusal !== null) return null
  expect({ undone, error: answer.error, message: answer.message }).toMatchObject({ error: 'NONE' })
  const isWhole =
    answer.plan.impossible.length === 0 && answer.steps.every(({ cannot }) => cannot.length === 0)
  return { seqs: answer.steps.flatMap(({ seqs }) => seqs), isWhole }
}

/** Listeners are bound by the process, which is not there: `broker/control/decide/listeners.test.ts`. */
const NOT_HERE: readonly Command['kind'][] = ['listener.alter']

/** Those of which some can be undone. */
const KINDS = (Object.keys(operations) as Command['kind'][]).filter(
  (kind) =>
    operations[kind].reversal.some((reversal) => reversal !== 'none') && !NOT_HERE.includes(kind),
)

const key = (sizeBytes: number): Buffer => Buffer.alloc(sizeBytes, 'k')
const topic = { replicationFactor: 1, assignments: [], configs: [] } as const
const binding: AclBinding = {
  ...{ resourceType: 'TOPIC', resourceName: 'a', patternType: 'LITERAL' },
  ...{ principal: 'User:alice', host: '*', operation: 'READ', permission: 'ALLOW' },
}

/** One of each kind that is done, and can be undone, where there is the furniture. */
const SURE: { readonly [kind: string]: Command } = {
  'topic.create': { kind: 'topic.create', name: 'new', partitionCount: 1, ...topic },
  'topic.delete': { kind: 'topic.delete', name: 'a' },
  'topic.restore': { kind: 'topic.restore', name: 'd' },
  'topic.config.alter': {
    ...{ kind: 'topic.config.alter', name: 'a', mode: 'incremental' },
    changes: [{ op: 'set', name: 'segment.ms', value: '700000' }],
  },
  'topic.quota.alter': { kind: 'topic.quota.alter', name: 'a', producerByteRate: 1000 },
  'broker.config.alter': {
    ...{ kind: 'broker.config.alter', brokerId: '', mode: 'incremental' },
    changes: [{ op: 'set', name: 'num.partitions', value: '3' }],
  },
  'client-metrics.alter': {
    ...{ kind: 'client-metrics.alter', name: 'all', mode: 'incremental' },
    changes: [{ op: 'set', name: 'metrics', value: '*' }],
  },
  'user.scram.upsert': {
    ...{ kind: 'user.scram.upsert', name: 'carol', mechanism: 'SCRAM-SHA-256', iterations: 4096 },
    ...{ salt: key(8), storedKey: key(32), serverKey: key(32) },
  },
  'acl.create': { kind: 'acl.create', binding: { ...binding, operation: 'WRITE' } },
  'acl.delete': { kind: 'acl.delete', binding },
  'quota.alter': {
    ...{ kind: 'quota.alter', entity: { user: 'alice' } },
    changes: [{ key: 'producer_byte_rate', value: null }],
  },
  'account.create': { kind: 'account.create', name: 'carol', roles: [] },
  'account.alter': { kind: 'account.alter', name: 'alice', isDisabled: true },
  'account.delete': { kind: 'account.delete', name: 'bob' },
  'role.create': { kind: 'role.create', name: 'new', rules: [] },
  'role.alter': {
    ...{ kind: 'role.alter', name: 'testers' },
    rules: [
      {
        ...{ resourceType: 'TOPIC', operation: 'READ', resourceName: 'a' },
        patternType: 'LITERAL',
      },
    ],
  },
  'role.delete': { kind: 'role.delete', name: 'spare' },
  'token.create': {
    ...{ kind: 'token.create', id: 'AAAAAAAAAAAAAAAAAAAAZw', account: 'alice', label: 'new' },
    ...{ expiresAtMs: -1, hash: key(32) },
  },
  'delegation-token.create': {
    ...{ kind: 'delegation-token.create', id: 'new', owner: 'User:alice', renewers: [] },
    ...{ maxLifetimeMs: -1, hmac: key(64) },
  },
  'group.offsets.reset': {
    ...{ kind: 'group.offsets.reset', groupId: 'group-1' },
    offsets: [{ topic: 'a', partition: 0, offset: 2 }],
  },
  'group.offsets.delete': {
    ...{ kind: 'group.offsets.delete', groupId: 'group-1', topic: 'a', partitions: [0] },
  },
  'group.delete': { kind: 'group.delete', groupId: 'group-1' },
  'disk.capacity.alter': { kind: 'disk.capacity.alter', capacityBytes: 20_000_000_000 },
  'retention-policy.alter': { kind: 'retention-policy.alter', policy: null },
  'rule.put': { kind: 'rule.put', group: { name: 'lag', rules: [] } },
  'rule.delete': { kind: 'rule.delete', name: 'disk' },
  'contact-point.put': {
    ...{ kind: 'contact-point.put', name: 'on-call' },
    settings: { webhook_configs: [{ url: 'https://example.com/hook' }] },
  },
  'contact-point.delete': { kind: 'contact-point.delete', name: 'mail' },
  'notification-policy.put': {
    ...{ kind: 'notification-policy.put' },
    policy: { route: { receiver: 'mail' } },
  },
}

/** Something of each kind that the arbitrary commands are about, so that more of them find it there. */
const FURNITURE: readonly Command[] = [
  { kind: 'topic.create', name: 'a', partitionCount: 2, ...topic },
  { kind: 'topic.create', name: 'd', partitionCount: 1, ...topic },
  { kind: 'topic.delete', name: 'd' },
  { kind: 'role.create', name: 'testers', rules: [] },
  { kind: 'role.create', name: 'spare', rules: [] },
  { kind: 'account.create', name: 'alice', roles: ['testers'] },
  { kind: 'account.create', name: 'bob', roles: [] },
  {
    ...{ kind: 'token.create', id: 'AAAAAAAAAAAAAAAAAAAAZg', account: 'alice', label: 'ci' },
    ...{ expiresAtMs: -1, hash: key(32) },
  },
  { kind: 'acl.create', binding },
  {
    ...{ kind: 'quota.alter', entity: { user: 'alice' } },
    changes: [{ key: 'producer_byte_rate', value: 5 }],
  },
  {
    ...{ kind: 'group.offsets.reset', groupId: 'group-1' },
    offsets: [{ topic: 'a', partition: 0, offset: 0 }],
  },
  { kind: 'rule.put', group: { name: 'disk', rules: [{ record: 'a:b', expr: 'sum(a)' }] } },
  { kind: 'contact-point.put', name: 'mail', settings: {} },
]

describe('undoing an operation brings back what was, and undoing that what came', () => {
  it.each(KINDS)('%s', { timeout: 60_000 }, async (kind) => {
    let undoneRuns = 0
    let fault: string | undefined
    const once = (before: readonly Command[], command: Command): Promise<void> =>
      inBroker(async ({ services }) => {
        const { control } = services
        for (const one of [...FURNITURE, ...before]) await run(control, one)
        const was = await essence(services)
        const { error, message, seq } = await run(control, command)
        if (error !== 'NONE') {
          fault ??= `${error}: ${message}`
          return
        }
        // A first use of a topic that was there already.
        if (seq < 0) return
        const came = await essence(services)
        const [entry] = await control.history.read(seq, 1)
        const reversal = entry?.record.reversal
        if (reversal === 'none') return
        const undone = await undo(control, [seq])
        if (undone === null) return
        if (reversal === 'full') expect(undone.isWhole).toBe(true)
        if (!undone.isWhole) return
        undoneRuns++
        expect(await essence(services)).toEqual(was)
        const again = await undo(control, undone.seqs)
        if (again?.isWhole) expect(await essence(services)).toEqual(came)
      })
    const arbitrary: fc.Arbitrary<Command> = commandArbitraries[kind]
    const property = fc.asyncProperty(fc.array(anyCommand, { maxLength: 4 }), arbitrary, once)
    const sure = SURE[kind]
    if (!sure) throw new Error(`there is no ${kind} that is sure to be done`)
    await fc.assert(property, { seed: 22, numRuns: 5, examples: [[[], sure]] })
    expect(undoneRuns, fault).toBeGreaterThan(0)
  })
})
