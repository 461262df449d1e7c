import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryReader } from '../../audit/index.ts'
import { createMemoryHistory } from '../../audit/index.ts'
import type { Command, ConfigChange } from './commands.ts'
import { replayHistory } from './replay.ts'
import { alice, ControlWorld, createTopic, snapshotOf } from './testing.ts'

const name = fc.constantFrom('a', 'b.c', 'b_c', 'd', 'bad name', '__consumer_offsets')
const count = fc.integer({ min: -1, max: 4 })

const change: fc.Arbitrary<ConfigChange> = fc.oneof(
  fc.record({
    op: fc.constant('set' as const),
    name: fc.constantFrom('retention.ms', 'cleanup.policy', 'segment.ms', 'preallocate'),
    value: fc.constantFrom('1', '7', 'compact', 'true', 'x'),
  }),
  fc.record({ op: fc.constant('delete' as const), name: fc.constantFrom('retention.ms') }),
  fc.record({
    op: fc.constantFrom('append' as const, 'subtract' as const),
    name: fc.constantFrom('cleanup.policy', 'retention.ms'),
    value: fc.constantFrom('compact', 'delete'),
  }),
)
const changes = fc.array(change, { maxLength: 3 })
const mode = fc.constantFrom('replace' as const, 'incremental' as const)

const command: fc.Arbitrary<Command> = fc.oneof(
  fc
    .record({ name, partitionCount: count, replicationFactor: fc.integer({ min: -1, max: 2 }) })
    .map((topic) => createTopic(topic.name, topic)),
  fc
    .record({ name, automatic: fc.boolean() })
    .map(({ name: topic, automatic }) =>
      createTopic(topic, { automatic, internal: topic.startsWith('__') }),
    ),
  fc.record({ kind: fc.constant('topic.delete' as const), name }),
  fc.record({
    kind: fc.constant('topic.partitions.create' as const),
    name,
    totalCount: count,
    assignments: fc.constantFrom(null, [[1]], [[2]]),
  }),
  fc.record({ kind: fc.constant('topic.config.alter' as const), name, mode, changes }),
  fc.record({
    kind: fc.constant('broker.config.alter' as const),
    brokerId: fc.constantFrom('', '1', '2'),
    mode,
    changes: fc.constantFrom<readonly ConfigChange[]>(
      [],
      [{ op: 'set', name: 'num.partitions', value: '3' }],
      [{ op: 'set', name: 'log.retention.ms', value: '9' }],
      [{ op: 'delete', name: 'num.partitions' }],
      [{ op: 'set', name: 'num.io.threads', value: '3' }],
    ),
  }),
  fc.record({
    kind: fc.constant('records.delete' as const),
    topic: name,
    partition: fc.integer({ min: 0, max: 2 }),
    offset: fc.constantFrom(-1, 0, 5),
  }),
  fc.constant({ kind: 'producer-ids.allocate' } as const),
)

type Step =
  | { readonly do: 'execute' | 'validate'; readonly commands: readonly Command[] }
  | { readonly do: 'restart' }

const commands = fc.array(command, { minLength: 1, maxLength: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('execute' as const), commands }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('validate' as const), commands }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
)

/** Folding the stored history from its first record gives exactly the state in effect. */
async function expectFold(world: ControlWorld): Promise<void> {
  const { control, store } = world
  const { state } = await replayHistory(control.history)
  expect(snapshotOf(state)).toEqual(snapshotOf(control.state))
  const stored = await storedBytes(control.history)
  const again = await replayHistory(createMemoryHistory(stored))
  expect(snapshotOf(again.state)).toEqual(snapshotOf(control.state))

  const named = [...control.state.topics.values()].flatMap(({ id, partitionCount }) =>
    Array.from({ length: partitionCount }, (_, partition) => `${id}-${partition}`),
  )
  const logs = [...store.logs()].map(({ topicId, partition }) => `${topicId}-${partition}`)
  expect(logs.sort()).toEqual(named.sort())
}

async function storedBytes(history: HistoryReader): Promise<Uint8Array[]> {
  const stored: Uint8Array[] = []
  while (stored.length < history.nextSeq) {
    stored.push(...(await history.read(stored.length, 100)).map(({ bytes }) => bytes))
  }
  return stored
}

/** One record for each command that must leave one, in order, and an answer for each. */
async function execute(world: ControlWorld, asked: readonly Command[]): Promise<void> {
  const { control } = world
  const before = control.history.nextSeq
  const outcomes = await control.execute(asked, alice)
  expect(outcomes).toHaveLength(asked.length)
  const seqs = outcomes.map(({ seq }) => seq).filter((seq) => seq >= 0)
  expect(seqs).toEqual(seqs.map((_, index) => before + index))
  for (const [index, { error, seq, after }] of outcomes.entries()) {
    const asks = asked[index]
    const automatic = asks?.kind === 'topic.create' && asks.automatic === true
    if (seq === -1) expect(automatic).toBe(true)
    if (error !== 'NONE') expect(after).toBeNull()
  }
}

describe('the control plane under random calls', () => {
  it('is at all times the fold of its history', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        let world = await ControlWorld.open()
        for (const [index, next] of steps.entries()) {
          const before = snapshotOf(world.control.state)
          if (next.do === 'execute') await execute(world, next.commands)
          else if (next.do === 'restart') world = await world.restart({ seed: index + 2 })
          else await world.control.execute(next.commands, alice, { validateOnly: true })
          if (next.do !== 'execute') expect(snapshotOf(world.control.state)).toEqual(before)
          await expectFold(world)
        }
        await world.stop()
      }),
      { numRuns: 60 },
    )
  })
})
