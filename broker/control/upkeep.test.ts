import { describe, expect, it } from 'vitest'
import { exampleState, exampleTopic } from './decide/fixture.ts'
import type { DeletedTopic } from './port.ts'
import { dueUpkeep } from './upkeep.ts'

const roomy = { isDiskFull: false, maxRetainedPartitions: 100 }

function deleted(name: string, deletedAtMs: number, changes: Partial<DeletedTopic> = {}) {
  const times = { deletedAtMs, purgeAtMs: 1000, isPurging: false }
  return { ...exampleTopic(name), ...times, ...changes }
}

function stateWith(...topics: readonly DeletedTopic[]) {
  const state = exampleState()
  for (const topic of topics) state.putDeletedTopic(topic)
  return state
}

const secret = { secretId: 's', commitment: 'c' }

describe('what is due', () => {
  it('is nothing while topics can be restored', () => {
    expect(dueUpkeep(stateWith(deleted('a', 1)), 999, roomy)).toEqual([])
  })

  it('is a topic whose time is over, or whose purge failed before', () => {
    const state = stateWith(deleted('a', 1), deleted('b', 2, { purgeAtMs: 2000, isPurging: true }))
    expect(dueUpkeep(state, 1000, roomy)).toEqual([
      {
        command: { kind: 'topic.purge', id: 'a-id' },
        note: { reason: 'topic.undelete.retention.ms is over' },
      },
      {
        command: { kind: 'topic.purge', id: 'b-id' },
        note: { reason: 'a purge that failed before' },
      },
    ])
  })

  it('is the oldest deleted topic when the disk is full', () => {
    const state = stateWith(deleted('newer', 2), deleted('older', 1))
    expect(dueUpkeep(state, 5, { ...roomy, isDiskFull: true })).toMatchObject([
      { command: { id: 'older-id' }, note: { reason: 'the disk is full' } },
    ])
  })

  it('is as many of the oldest as have too many partitions', () => {
    const state = stateWith(deleted('c', 3), deleted('a', 1), deleted('b', 2))
    const tasks = dueUpkeep(state, 5, { ...roomy, maxRetainedPartitions: 4 })
    expect(tasks.map(({ command }) => command)).toMatchObject([{ id: 'a-id' }, { id: 'b-id' }])
  })

  it('is tokens that have expired', () => {
    const state = stateWith()
    for (const expiresAtMs of [-1, 4, 6]) {
      const id = `token-${expiresAtMs}`
      const token = { id, account: 'alice', label: '', createdAtMs: 0, expiresAtMs, secret }
      state.tables.tokens.set(id, token)
    }
    for (const expiresAtMs of [4, 6]) {
      const id = `delegation-${expiresAtMs}`
      state.tables.delegationTokens.set(id, {
        ...{ id, owner: 'User:a', requester: 'User:a', renewers: [], secret },
        ...{ issuedAtMs: 0, expiresAtMs, maxTimestampMs: 9 },
      })
    }
    expect(dueUpkeep(state, 5, roomy).map(({ command }) => command)).toEqual([
      { kind: 'delegation-token.expire', id: 'delegation-4', expiryPeriodMs: -1 },
      { kind: 'token.revoke', id: 'token-4' },
    ])
  })

  it('comes in portions', () => {
    const topics = Array.from({ length: 250 }, (_, index) => deleted(`t${index}`, index))
    expect(dueUpkeep(stateWith(...topics), 1000, roomy)).toHaveLength(100)
  })
})
