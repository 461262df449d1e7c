import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryReader } from '../../audit/index.ts'
import { createMemoryHistory, HistoryFold } from '../../audit/index.ts'
import { anyCommand, commandArbitraries, inState } from './arbitrary/testing.ts'
import type { Command } from './commands.ts'
import { replayHistory, stateOf } from './fold/replay.ts'
import { operations } from './operations.ts'
import { SECRETS_PARTITION } from './secrets/secrets-topic.ts'
import { alice, ControlWorld, snapshotOf } from './testing.ts'

const key = (sizeBytes: number): Buffer => Buffer.alloc(sizeBytes, 'k')

type Step =
  | { readonly do: 'execute' | 'validate'; readonly commands: readonly Command[] }
  | { readonly do: 'restart' }

const commands = fc.array(anyCommand, { minLength: 1, maxLength: 4 })
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
  expectSecrets(world)
  expect(snapshotOf(stateOf(control.resources))).toEqual(snapshotOf(control.state))
  const { seq } = control.resources
  const snapshot = JSON.parse(JSON.stringify([...control.resources.entries()]))
  expect(snapshotOf(stateOf(new HistoryFold(seq, snapshot)))).toEqual(snapshotOf(control.state))
  const stored = await storedBytes(control.history)
  const again = await replayHistory(createMemoryHistory(stored))
  expect(snapshotOf(again.state)).toEqual(snapshotOf(control.state))

  const { topics, deletedTopics } = control.state
  const named = [...topics.values(), ...deletedTopics.values()].flatMap(({ id, partitionCount }) =>
    Array.from({ length: partitionCount }, (_, partition) => `${id}-${partition}`),
  )
  named.push(`${SECRETS_PARTITION.topicId}-0`)
  const logs = [...store.logs()].map(({ topicId, partition }) => `${topicId}-${partition}`)
  expect(logs.sort()).toEqual(named.sort())
}

/** A secret for each reference, and none that nobody refers to. */
function expectSecrets({ control: { state, secrets } }: ControlWorld): void {
  const references = [
    ...[...state.users.values()].flatMap(({ credentials }) => Object.values(credentials)),
    ...[...state.accounts.values()].flatMap((account) => account.person ?? []),
    ...[...state.tokens.values()].map(({ secret }) => secret),
    ...[...state.delegationTokens.values()].map(({ secret }) => secret),
    ...[...state.contactPoints.values()].flatMap(({ secrets: its }) => Object.values(its)),
  ]
  for (const { secretId } of references) expect(secrets.get(secretId)).toBeDefined()
  expect(secrets.size).toBe(references.length)
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
  const given = asked.map((command) => inState(command, control.state))
  const outcomes = await control.execute(given, alice)
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

/** Runs the steps in a world of their own, looking at it after each. */
async function expectFoldThroughout(steps: readonly Step[]): Promise<void> {
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
}

const newToken = { id: 'AAAAAAAAAAAAAAAAAAAAZg', owner: 'User:alice', renewers: [] } as const
const createDelegationToken: Command = {
  ...{ kind: 'delegation-token.create', ...newToken, maxLifetimeMs: -1, hmac: key(64) },
}
const createToken: Command = {
  ...{ kind: 'token.create', id: newToken.id, account: 'alice', label: 'ci', expiresAtMs: -1 },
  hash: key(32),
}
const upsertScram: Command = {
  ...{ kind: 'user.scram.upsert', name: 'alice', mechanism: 'SCRAM-SHA-256', iterations: 4096 },
  ...{ salt: key(8), storedKey: key(32), serverKey: key(32) },
}
const createAccount: Command = {
  ...{ kind: 'account.create', name: 'alice', roles: [], person: { displayName: 'Alice A.' } },
}

describe('the commands that are tried', () => {
  it('are of every kind that there is', () => {
    expect(Object.keys(commandArbitraries).sort()).toEqual(Object.keys(operations).sort())
  })
})

describe('the control plane', () => {
  it.each([createDelegationToken, createToken, upsertScram, createAccount])(
    'leaves no secret behind when $kind comes twice',
    async (command) => {
      const owner: readonly Command[] = command === createToken ? [createAccount] : []
      await expectFoldThroughout([
        { do: 'execute', commands: owner },
        { do: 'execute', commands: [command, command] },
        { do: 'execute', commands: [command] },
        { do: 'restart' },
      ])
    },
  )

  it('is at all times the fold of its history under random calls', {
    timeout: 60_000,
  }, async () => {
    const calls = fc.array(step, { maxLength: 15 })
    await fc.assert(fc.asyncProperty(calls, expectFoldThroughout), { numRuns: 60 })
  })
})
