import { describe, expect, it } from 'vitest'
import type { SimDisk, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime, MUTATING_CALLS } from '../../kit/testing.ts'
import type { Command } from './commands.ts'
import { replayHistory } from './fold/replay.ts'
import type { ClusterState } from './port.ts'
import { alice, ControlWorld, createTopic, snapshotOf } from './testing.ts'

/** Calls whose every interruption must leave a history that says what is there. */
const calls: readonly (readonly Command[])[] = [
  [createTopic('orders', { partitionCount: 2 }), createTopic('a b')],
  [
    {
      kind: 'topic.config.alter',
      name: 'orders',
      mode: 'incremental',
      changes: [{ op: 'set', name: 'retention.ms', value: '5' }],
    },
  ],
  [createTopic('gone'), { kind: 'producer-ids.allocate' }],
  [{ kind: 'records.delete', topic: 'orders', partition: 0, offset: -1 }],
  [{ kind: 'topic.delete', name: 'gone' }, createTopic('gone')],
  [{ kind: 'topic.restore', name: 'gone' }],
  // Two appends: the deletion, which is the intent of a purge, and its outcome.
  [{ kind: 'topic.delete', name: 'gone', purgeNow: true }],
  // A record and its secret: both, or neither.
  [scramOf('alice'), scramOf('bob')],
  [scramOf('alice'), { kind: 'user.scram.delete', name: 'bob', mechanism: 'SCRAM-SHA-256' }],
  // More than one batch of the history: all of it, or none.
  Array.from({ length: 250 }, (_, index) => createTopic(`${index} ${'x'.repeat(1000)}`)),
]

function scramOf(name: string): Command {
  const keys = { salt: Buffer.alloc(8), storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) }
  const credential = { mechanism: 'SCRAM-SHA-256', iterations: 4096, ...keys } as const
  return { kind: 'user.scram.upsert', name, ...credential }
}

interface Run {
  /** The state after the start and after each call. */
  readonly states: readonly string[]
  /** Numbers of the disk calls that changed what a crash can leave. */
  readonly mutatingCalls: readonly number[]
}

/** Runs all calls. */
async function run(disk: SimDisk): Promise<Run> {
  const states: string[] = []
  const mutatingCalls: number[] = []
  disk.plan = ({ kind, number }) => {
    if (MUTATING_CALLS.has(kind)) mutatingCalls.push(number)
    return { kind: 'proceed' }
  }
  const world = await ControlWorld.open({ disk })
  states.push(textOf(world.control.state))
  for (const commands of calls) {
    const outcomes = await world.control.execute(commands, alice)
    expect(outcomes.every(({ seq }) => seq > 0)).toBe(true)
    states.push(textOf(world.control.state))
  }
  return { states, mutatingCalls }
}

/** Answers how many calls were answered before the disk stopped, -1 for not even the start. */
async function runUntil(disk: SimDisk, time: SimTime, callNumber: number): Promise<number> {
  let answeredCalls = -1
  disk.plan = ({ number }) =>
    number === callNumber ? { kind: 'stop', when: 'during' } : { kind: 'proceed' }
  const work = async (): Promise<void> => {
    const world = await ControlWorld.open({ disk })
    answeredCalls = 0
    for (const commands of calls) {
      await world.control.execute(commands, alice)
      answeredCalls++
    }
  }
  await Promise.race([work(), disk.stopped])
  // What was answered before the stop may still be on its way.
  await time.settle()
  return answeredCalls
}

describe('a crash at any disk call', () => {
  it('leaves a state that one of the calls gave, with all that was answered', {
    timeout: 60_000,
  }, async () => {
    const { states, mutatingCalls } = await run(createSimDisk())
    for (const callNumber of mutatingCalls) {
      const disk = createSimDisk()
      const answeredCalls = await runUntil(disk, createSimTime(), callNumber)
      for (const choice of disk.crashChoices(2, callNumber)) {
        const world = await ControlWorld.open({ disk: disk.afterCrash(choice) })
        expectRecovered(world, states, answeredCalls, `after disk call ${callNumber}`)
        const replay = await replayHistory(world.control.history)
        expect(snapshotOf(replay.state)).toEqual(snapshotOf(world.control.state))
        expectSecrets(world)
        await world.stop()
      }
    }
  })
})

function expectRecovered(
  { control, store }: ControlWorld,
  states: readonly string[],
  answeredCalls: number,
  when: string,
): void {
  // Before the first start is through nothing was answered, and another cluster may begin.
  if (answeredCalls >= 0) {
    const found = states.indexOf(textOf(control.state))
    expect(found, when).toBeGreaterThanOrEqual(answeredCalls)
  }
  for (const { id, partitionCount } of control.state.topics.values()) {
    expect(store.find(id, partitionCount - 1)?.state, when).toBe('open')
  }
}

/** Exactly the secrets that the state refers to. */
function expectSecrets({ control: { state, secrets } }: ControlWorld): void {
  const credentials = [...state.users.values()].flatMap((user) => Object.values(user.credentials))
  for (const { secretId } of credentials) expect(secrets.get(secretId)).toBeDefined()
  expect(secrets.size).toBe(credentials.length)
}

function textOf(state: ClusterState): string {
  return JSON.stringify(snapshotOf(state), (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}
