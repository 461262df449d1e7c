import { describe, expect, it } from 'vitest'
import { seededRandom, ZERO_UUID } from '../../../kit/index.ts'
import { createSimTime } from '../../../kit/testing.ts'
import type { FetchRequest } from '../../../protocol/index.ts'
import type { FetchScope } from './fetch-sessions.ts'
import { FetchSessions } from './fetch-sessions.ts'
import type { FetchTarget } from './fetch-target.ts'

const ME = 'User:me'

interface Asked {
  readonly topic?: string
  readonly topicId?: string
  readonly partition: number
  readonly offset?: number
}

function request(
  sessionId: number,
  sessionEpoch: number,
  asked: readonly Asked[] = [],
  forgotten: readonly Asked[] = [],
): FetchRequest {
  return {
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1n },
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 0,
    isolationLevel: 0,
    sessionId,
    sessionEpoch,
    rackId: '',
    topics: asked.map(({ topic = '', topicId = ZERO_UUID, partition, offset = 0 }) => ({
      topic,
      topicId,
      partitions: [
        {
          partition,
          currentLeaderEpoch: -1,
          fetchOffset: offset,
          lastFetchedEpoch: -1,
          logStartOffset: -1,
          partitionMaxBytes: 100,
          replicaDirectoryId: ZERO_UUID,
          highWatermark: -1,
        },
      ],
    })),
    forgottenTopicsData: forgotten.map(({ topic = '', topicId = ZERO_UUID, partition }) => ({
      topic,
      topicId,
      partitions: [partition],
    })),
  }
}

function bench(maxSessions = 3) {
  const time = createSimTime()
  const limit = { value: maxSessions }
  const sessions = new FetchSessions({
    maxSessions: () => limit.value,
    clock: time.clock,
    random: seededRandom(1),
    maxCachedPartitions: 20,
  })
  /** A full request that opens a session of so many partitions; answers its id. */
  const open = (count: number, principal = ME): number => {
    const asked = Array.from({ length: count }, (_, partition) => ({ topic: 't', partition }))
    const scope = sessions.begin(request(0, 0, asked), 12, principal)
    if (scope.kind !== 'full') throw new Error(scope.kind)
    return sessions.open(scope.targets, 12, principal)
  }
  return { time, limit, sessions, open }
}

function targetsOf(scope: FetchScope): readonly FetchTarget[] {
  if (scope.kind === 'error') return []
  return scope.kind === 'full' ? scope.targets : scope.session.awake()
}

function partitionsOf(scope: FetchScope): number[] {
  return targetsOf(scope).map(({ partition }) => partition)
}

describe('FetchSessions', () => {
  it('does without a session when the client wants none (epoch -1)', () => {
    const { sessions } = bench()
    const scope = sessions.begin(request(0, -1, [{ topic: 't', partition: 1 }]), 12, ME)
    expect(scope).toMatchObject({ kind: 'full', opensSession: false })
    expect(partitionsOf(scope)).toEqual([1])
  })

  it('remembers partitions, takes changes, and forgets', () => {
    const { sessions, open } = bench()
    const id = open(3)
    const changed = sessions.begin(
      request(
        id,
        1,
        [
          { topic: 't', partition: 1, offset: 77 },
          { topic: 't', partition: 9 },
        ],
        [{ topic: 't', partition: 0 }],
      ),
      12,
      ME,
    )
    expect(partitionsOf(changed)).toEqual([1, 2, 9])
    expect(targetsOf(changed)[0]?.fetchOffset).toBe(77)
    expect(sessions.partitionCount).toBe(3)
    expect(partitionsOf(sessions.begin(request(id, 2), 12, ME))).toEqual([1, 2, 9])
  })

  it('forgets what a request both names and forgets, as Kafka does', () => {
    const { sessions, open } = bench()
    const id = open(2)
    const both = [
      { topic: 't', partition: 1, offset: 77 },
      { topic: 't', partition: 9 },
    ]
    expect(partitionsOf(sessions.begin(request(id, 1, both, both), 12, ME))).toEqual([0])
    expect(sessions.partitionCount).toBe(1)
  })

  it('tells topics by id apart from v13 on', () => {
    const { sessions } = bench()
    const ids = ['AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAg']
    const asked = ids.map((topicId) => ({ topicId, partition: 0 }))
    const scope = sessions.begin(request(0, 0, asked), 13, ME)
    const id = scope.kind === 'full' ? sessions.open(scope.targets, 13, ME) : 0
    expect(partitionsOf(sessions.begin(request(id, 1), 13, ME))).toEqual([0, 0])
  })

  it.each([
    ['an unknown session', 1, 1, 12, ME, 'FETCH_SESSION_ID_NOT_FOUND'],
    ['no session with an epoch', -1, 5, 12, ME, 'FETCH_SESSION_ID_NOT_FOUND'],
    ["somebody else's session", 0, 1, 12, 'User:you', 'FETCH_SESSION_ID_NOT_FOUND'],
    ['an epoch that was', 0, 2, 12, ME, 'INVALID_FETCH_SESSION_EPOCH'],
    ['names and ids mixed', 0, 1, 13, ME, 'FETCH_SESSION_TOPIC_ID_ERROR'],
  ] as const)('refuses %s', (_, idShift, epoch, version, principal, error) => {
    const { sessions, open } = bench()
    const id = open(1)
    const asked = idShift === -1 ? 0 : id + idShift
    expect(sessions.begin(request(asked, epoch), version, principal)).toEqual({
      kind: 'error',
      error,
    })
  })

  it('knows when a later request of the same session has come', () => {
    const { sessions, open } = bench()
    const id = open(1)
    const first = sessions.begin(request(id, 1), 12, ME)
    expect(first.kind === 'incremental' && sessions.isCurrent(first)).toBe(true)
    sessions.begin(request(id, 2), 12, ME)
    expect(first.kind === 'incremental' && sessions.isCurrent(first)).toBe(false)
  })

  it('moves partitions that returned records behind the others', () => {
    const { sessions, open } = bench()
    const id = open(3)
    const scope = sessions.begin(request(id, 1), 12, ME)
    if (scope.kind !== 'incremental') throw new Error(scope.kind)
    const [first] = scope.session.awake()
    if (first) scope.session.moveToEnd(first)
    expect(partitionsOf(sessions.begin(request(id, 2), 12, ME))).toEqual([1, 2, 0])
  })

  it('closes a session that a full request names, and one that has no partition left', () => {
    const { sessions, open } = bench()
    const id = open(1)
    sessions.begin(request(id, -1), 12, ME)
    expect(sessions.sessionCount).toBe(0)
    const other = open(1)
    const scope = sessions.begin(request(other, 1, [], [{ topic: 't', partition: 0 }]), 12, ME)
    expect(scope).toEqual({ kind: 'full', targets: [], opensSession: false })
    expect(sessions.sessionCount).toBe(0)
    expect(sessions.partitionCount).toBe(0)
  })

  it("does not let one principal close another's session", () => {
    const { sessions, open } = bench()
    const id = open(1)
    sessions.begin(request(id, 0), 12, 'User:you')
    expect(sessions.sessionCount).toBe(1)
  })

  it('keeps so many sessions, and gives up the stale one first', async () => {
    const { sessions, open, time } = bench(2)
    const [a, b] = [open(1), open(5)]
    expect(open(9)).toBe(0)
    await time.advance(100_000)
    sessions.begin(request(b, 1), 12, ME)
    await time.advance(30_000)
    // `a` was not used for 130 s.
    expect(open(1)).not.toBe(0)
    expect(sessions.begin(request(a, 1), 12, ME).kind).toBe('error')
    expect(sessions.begin(request(b, 2), 12, ME).kind).toBe('incremental')
    expect(sessions.evictions).toBe(1)
  })

  it('gives up a smaller session for a larger one once it is not young any more', async () => {
    const { sessions, open, time } = bench(2)
    const [small, large] = [open(2), open(5)]
    await time.advance(119_000)
    sessions.begin(request(small, 1), 12, ME)
    sessions.begin(request(large, 1), 12, ME)
    await time.advance(2000)
    expect(open(2)).toBe(0)
    expect(open(3)).not.toBe(0)
    expect(sessions.begin(request(small, 2), 12, ME).kind).toBe('error')
    expect(sessions.begin(request(large, 2), 12, ME).kind).toBe('incremental')
  })

  it('keeps none when there are no slots, and follows a changed limit', () => {
    const { open, limit } = bench(0)
    expect(open(1)).toBe(0)
    limit.value = 1
    expect(open(1)).not.toBe(0)
  })

  it('remembers so many partitions in all sessions together', () => {
    const { open, sessions } = bench(1000)
    const id = open(15)
    expect(id).not.toBe(0)
    expect(open(6)).toBe(0)
    expect(open(5)).not.toBe(0)
    expect(sessions.partitionCount).toBe(20)
    // A session that grows beyond it ends; its client goes on without one.
    const more = sessions.begin(request(id, 1, [{ topic: 'more', partition: 0 }]), 12, ME)
    expect(more).toEqual({ kind: 'error', error: 'FETCH_SESSION_ID_NOT_FOUND' })
    expect(sessions.partitionCount).toBe(5)
  })
})
