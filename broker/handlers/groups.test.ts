import { describe, expect, it } from 'vitest'
import type { Encodable, Message, TypeOf } from '../../protocol/index.ts'
import {
  codec,
  DeleteGroupsRequest,
  DeleteGroupsResponse,
  DescribeGroupsRequest,
  DescribeGroupsResponse,
  errors,
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  LeaveGroupResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetDeleteRequest,
  OffsetDeleteResponse,
  OffsetFetchRequest,
  OffsetFetchResponse,
  Reader,
  SyncGroupRequest,
  SyncGroupResponse,
  Writer,
} from '../../protocol/index.ts'
import { GroupWorld } from '../groups/testing.ts'
import { AccessControl } from '../security/index.ts'
import type { BrokerServices } from './index.ts'
import { handlers } from './index.ts'

/** Sends requests through the handlers as the network does: bytes in, bytes out. */
class Wire {
  readonly world: GroupWorld

  constructor(world: GroupWorld) {
    this.world = world
  }

  static async open(): Promise<Wire> {
    const configs = { 'group.initial.rebalance.delay.ms': '0' }
    return new Wire(await GroupWorld.open({ configs }))
  }

  async send<Req extends Message, Res extends Message>(
    request: Req,
    response: Res,
    version: number,
    body: Encodable<Req>,
  ): Promise<TypeOf<Res>> {
    const handler = handlers.find(({ apiKey }) => apiKey === request.apiKey)
    if (!handler) throw new Error(`no handler for ${request.name}`)
    const decoded = handler.decode(readerOf(encode(request, version, body)), version)
    const answer = await this.world.finish(
      Promise.resolve(handler.handle(decoded, contextOf(version), this.#services())),
    )
    const writer = new Writer()
    handler.encode(writer, version, answer)
    const reader = readerOf(writer)
    const heard = codec<Res['fields']>(response, version).read(reader)
    reader.expectEnd()
    return heard
  }

  /** A group of one member, stable; its id and generation. */
  async stableGroup(groupId: string, groupInstanceId: string | null = null) {
    const body = {
      groupId,
      groupInstanceId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: NO_TOPICS }],
    }
    const version = groupInstanceId === null ? 0 : 9
    const given = await this.send(JoinGroupRequest, JoinGroupResponse, version, {
      ...body,
      rebalanceTimeoutMs: version === 0 ? -1 : 20_000,
    })
    const { memberId, generationId } = given
    await this.send(SyncGroupRequest, SyncGroupResponse, 0, {
      groupId,
      generationId,
      memberId,
      assignments: [{ memberId, assignment: Buffer.from('mine') }],
    })
    return { groupId, memberId, generationId }
  }

  #services(): BrokerServices {
    const services: Partial<BrokerServices> = {
      groups: this.world.groups,
      control: this.world.control,
      access: new AccessControl({
        glasslogAuthorizer: 'none',
        allowEveryoneIfNoAclFound: false,
        superUsers: '',
      }).follow(this.world.control.state),
      node: {
        id: 7,
        rack: null,
        endpoint: ({ listener }) => ({ host: `at.${listener}`, port: 9 }),
      },
    }
    return services as BrokerServices
  }
}

function encode<M extends Message>(message: M, version: number, body: Encodable<M>): Writer {
  const writer = new Writer()
  codec<M['fields']>(message, version).write(writer, body)
  return writer
}

function readerOf(writer: Writer): Reader {
  return new Reader(Buffer.concat(writer.finish()))
}

function contextOf(apiVersion: number) {
  return {
    apiVersion,
    correlationId: 1,
    clientId: 'client',
    connection: {
      id: 1,
      address: '10.1.2.3',
      remotePort: 50_000,
      localAddress: '10.1.2.1',
      listener: 'LAN',
      principal: 'User:ANONYMOUS',
      identity: { principal: 'User:ANONYMOUS', mechanism: 'none' },
      login: null,
      accessMemo: undefined,
      softwareName: 'unknown',
      softwareVersion: 'unknown',
      onClosed: () => () => {},
    },
    api: 'Any',
    ...{ receivedAtMs: 0, arrivedMs: 0, startedMs: 0, settledMs: 0, sentMs: 0 },
    ...{ workMs: 0, waitMs: 0, throttleTimeMs: 0, sizeBytes: 0 },
    trace: undefined,
    enter: () => {},
    whenSent: () => {},
    throttle: () => {},
  }
}

/** A subscription to nothing, without user data. */
const NO_TOPICS = Buffer.from([0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])

const upTo = (max: number): number[] => Array.from({ length: max + 1 }, (_, version) => version)
const NONE = errors.NONE.code

describe('the group APIs, in every version', () => {
  it.each(upTo(6))('FindCoordinator v%i', async (version) => {
    const wire = await Wire.open()
    const find = (keyType: number) =>
      wire.send(FindCoordinatorRequest, FindCoordinatorResponse, version, {
        ...(version < 4 ? { key: 'g' } : { coordinatorKeys: ['g', 'h'] }),
        ...(version < 1 ? {} : { keyType }),
      })
    const here = { errorCode: NONE, nodeId: 7, host: 'at.LAN', port: 9 }
    const found = await find(0)
    if (version < 4) expect(found).toMatchObject(here)
    else
      expect(found.coordinators).toMatchObject([
        { key: 'g', ...here },
        { key: 'h', ...here },
      ])
    if (version < 1) return
    for (const [keyType, error] of [
      [1, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
      [2, 'INVALID_REQUEST'],
      [9, 'INVALID_REQUEST'],
    ] as const) {
      const refused = await find(keyType)
      expect(version < 4 ? refused : refused.coordinators[0]).toMatchObject({
        errorCode: errors[error].code,
        nodeId: -1,
      })
    }
  })

  it.each(upTo(9))('JoinGroup v%i', async (version) => {
    const wire = await Wire.open()
    const join = (memberId: string) =>
      wire.send(JoinGroupRequest, JoinGroupResponse, version, {
        groupId: 'g',
        sessionTimeoutMs: 6_000,
        rebalanceTimeoutMs: version < 1 ? -1 : 20_000,
        memberId,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('me') }],
        ...(version < 8 ? {} : { reason: 'because' }),
      })
    let answer = await join('')
    if (version >= 4) {
      expect(answer).toMatchObject({
        errorCode: errors.MEMBER_ID_REQUIRED.code,
        generationId: -1,
        protocolName: version < 7 ? '' : null,
      })
      answer = await join(answer.memberId)
    }
    const { memberId } = answer
    expect(memberId).toMatch(/^client-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(answer).toMatchObject({
      errorCode: NONE,
      generationId: 1,
      protocolType: version < 7 ? null : 'consumer',
      protocolName: 'range',
      leader: memberId,
      members: [{ memberId, groupInstanceId: null, metadata: Buffer.from('me') }],
    })
    const group = await wire.world.groups.describe('g')
    if (group === null || typeof group === 'string') throw new Error('no group')
    expect(group.members).toMatchObject([
      {
        clientId: 'client',
        clientHost: '/10.1.2.3',
        // Version 0 had one timeout for both.
        rebalanceTimeoutMs: version < 1 ? 6_000 : 20_000,
      },
    ])
  })

  it.each(upTo(5))('SyncGroup v%i', async (version) => {
    const wire = await Wire.open()
    const { groupId, generationId, memberId } = await wire.stableGroup('g')
    const sync = (protocolName: string | null) =>
      wire.send(SyncGroupRequest, SyncGroupResponse, version, {
        groupId,
        generationId,
        memberId,
        assignments: [],
        ...(version < 5 ? {} : { protocolType: 'consumer', protocolName }),
      })
    expect(await sync('range')).toEqual({
      throttleTimeMs: 0,
      errorCode: NONE,
      protocolType: version < 5 ? null : 'consumer',
      protocolName: version < 5 ? null : 'range',
      assignment: Buffer.from('mine'),
    })
    if (version < 5) return
    expect((await sync('sticky')).errorCode).toBe(errors.INCONSISTENT_GROUP_PROTOCOL.code)
    expect((await sync(null)).errorCode).toBe(errors.INCONSISTENT_GROUP_PROTOCOL.code)
  })

  it.each(upTo(4))('Heartbeat v%i', async (version) => {
    const wire = await Wire.open()
    const member = await wire.stableGroup('g')
    const beat = (change: { memberId?: string }) =>
      wire.send(HeartbeatRequest, HeartbeatResponse, version, { ...member, ...change })
    expect((await beat({})).errorCode).toBe(NONE)
    expect((await beat({ memberId: 'x' })).errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code)
  })

  it.each(upTo(5))('LeaveGroup v%i', async (version) => {
    const wire = await Wire.open()
    const { groupId, memberId } = await wire.stableGroup('g')
    const leave = (...memberIds: string[]) =>
      wire.send(LeaveGroupRequest, LeaveGroupResponse, version, {
        groupId,
        ...(version < 3
          ? { memberId: memberIds[0] ?? '' }
          : { members: memberIds.map((id) => ({ memberId: id })) }),
      })
    const unknown = errors.UNKNOWN_MEMBER_ID.code
    if (version < 3) {
      expect((await leave('x')).errorCode).toBe(unknown)
      expect((await leave(memberId)).errorCode).toBe(NONE)
      return
    }
    expect(await leave('x', memberId)).toMatchObject({
      errorCode: NONE,
      members: [
        { memberId: 'x', groupInstanceId: null, errorCode: unknown },
        { memberId, errorCode: NONE },
      ],
    })
  })

  it.each(upTo(9))('OffsetCommit v%i', async (version) => {
    const wire = await Wire.open()
    const commit = (groupId: string, generation: number) =>
      wire.send(OffsetCommitRequest, OffsetCommitResponse, version, {
        groupId,
        ...(version < 1 ? {} : { generationIdOrMemberEpoch: generation, memberId: '' }),
        topics: [
          {
            name: 't',
            partitions: [
              { partitionIndex: 8, committedOffset: 1, committedMetadata: null },
              { partitionIndex: 0, committedOffset: 1, committedMetadata: 'm' },
            ],
          },
          {
            name: 'nowhere',
            partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }],
          },
        ],
      })
    const missing = errors.UNKNOWN_TOPIC_OR_PARTITION.code
    const codes = (answer: TypeOf<typeof OffsetCommitResponse>) =>
      answer.topics.map(({ name, partitions }) => [name, ...partitions.map((p) => p.errorCode)])
    expect(codes(await commit('g', -1))).toEqual([
      ['t', missing, NONE],
      ['nowhere', missing],
    ])
    if (version < 1) return
    const unknown = version < 9 ? errors.ILLEGAL_GENERATION : errors.GROUP_ID_NOT_FOUND
    expect(codes(await commit('new', 1))).toEqual([
      ['t', missing, unknown.code],
      ['nowhere', missing],
    ])
  })

  it.each(upTo(9))('OffsetFetch v%i', async (version) => {
    const wire = await Wire.open()
    await wire.send(OffsetCommitRequest, OffsetCommitResponse, 6, {
      groupId: 'g',
      topics: [
        {
          name: 't',
          partitions: [
            {
              partitionIndex: 3,
              committedOffset: 42,
              committedLeaderEpoch: 5,
              committedMetadata: 'm',
            },
          ],
        },
      ],
    })
    const topics = [{ name: 't', partitionIndexes: [3, 4] }]
    const fetch = async (asked: typeof topics | null) => {
      const answer = await wire.send(
        OffsetFetchRequest,
        OffsetFetchResponse,
        version,
        version < 8
          ? { groupId: 'g', topics: asked }
          : {
              groups: [
                { groupId: 'g', topics: asked },
                { groupId: 'none', topics: asked },
              ],
            },
      )
      if (version >= 8) {
        expect(answer.groups[1]?.topics.flatMap((t) => t.partitions)).toEqual(
          (asked?.[0]?.partitionIndexes ?? []).map(nothing),
        )
      }
      const { errorCode, topics: heard } = version < 8 ? answer : (answer.groups[0] ?? answer)
      expect(errorCode).toBe(NONE)
      return heard.map(({ name, partitions }) => ({ name, partitions }))
    }
    const nothing = (partitionIndex: number) => ({
      partitionIndex,
      committedOffset: -1,
      committedLeaderEpoch: -1,
      metadata: '',
      errorCode: NONE,
    })
    const there = {
      partitionIndex: 3,
      committedOffset: 42,
      committedLeaderEpoch: version < 5 ? -1 : 5,
      metadata: 'm',
      errorCode: NONE,
    }
    expect(await fetch(topics)).toEqual([{ name: 't', partitions: [there, nothing(4)] }])
    if (version >= 2) expect(await fetch(null)).toEqual([{ name: 't', partitions: [there] }])
  })

  it('OffsetFetch v8 answers no group more than once', async () => {
    const wire = await Wire.open()
    const { groups } = await wire.send(OffsetFetchRequest, OffsetFetchResponse, 8, {
      groups: ['g', 'g', 'h'].map((groupId) => ({ groupId, topics: null })),
    })
    expect(groups.map(({ groupId, errorCode }) => [groupId, errorCode])).toEqual([
      ['g', errors.INVALID_REQUEST.code],
      ['g', errors.INVALID_REQUEST.code],
      ['h', NONE],
    ])
  })

  it.each(upTo(9))('OffsetFetch v%i answers no partition more than once', async (version) => {
    const wire = await Wire.open()
    const topics = [
      { name: 't', partitionIndexes: [3, 4, 3] },
      { name: 't', partitionIndexes: [4, 5] },
    ]
    const answer = await wire.send(
      OffsetFetchRequest,
      OffsetFetchResponse,
      version,
      version < 8 ? { groupId: 'g', topics } : { groups: [{ groupId: 'g', topics }] },
    )
    const { topics: heard } = version < 8 ? answer : (answer.groups[0] ?? answer)
    expect(heard).toMatchObject([
      { partitions: [3, 4, 5].map((partitionIndex) => ({ partitionIndex })) },
    ])
  })

  it.each(upTo(9))('OffsetFetch v%i of a coordinator that has stopped', async (version) => {
    const wire = await Wire.open()
    await wire.stableGroup('g')
    await wire.world.finish(wire.world.groups.stop())
    const topics = [{ name: 't', partitionIndexes: [3] }]
    const answer = await wire.send(
      OffsetFetchRequest,
      OffsetFetchResponse,
      version,
      version < 8 ? { groupId: 'g', topics } : { groups: [{ groupId: 'g', topics }] },
    )
    const { code } = errors.NOT_COORDINATOR
    if (version < 2) expect(answer.topics[0]?.partitions[0]?.errorCode).toBe(code)
    else if (version < 8) expect(answer).toMatchObject({ errorCode: code, topics: [] })
    else expect(answer.groups).toMatchObject([{ groupId: 'g', errorCode: code, topics: [] }])
  })

  it.each(upTo(6))('DescribeGroups v%i', async (version) => {
    const wire = await Wire.open()
    const { memberId } = await wire.stableGroup('g', 'static')
    const { groups } = await wire.send(DescribeGroupsRequest, DescribeGroupsResponse, version, {
      groups: ['g', 'none', 'g'],
      ...(version < 3 ? {} : { includeAuthorizedOperations: true }),
    })
    expect(groups).toHaveLength(2)
    expect(groups[0]).toMatchObject({
      errorCode: NONE,
      groupId: 'g',
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
      members: [
        {
          memberId,
          groupInstanceId: version < 4 ? null : 'static',
          clientId: 'client',
          clientHost: '/10.1.2.3',
          memberMetadata: NO_TOPICS,
          memberAssignment: Buffer.from('mine'),
        },
      ],
      // READ, DELETE and DESCRIBE: bits 3, 6 and 8.
      authorizedOperations: version < 3 ? -2147483648 : 0b1_0100_1000,
    })
    expect(groups[1]).toMatchObject({
      errorCode: version < 6 ? NONE : errors.GROUP_ID_NOT_FOUND.code,
      errorMessage: version < 6 ? null : 'Group none not found.',
      groupState: 'Dead',
      members: [],
    })
  })

  it.each(upTo(5))('ListGroups v%i', async (version) => {
    const wire = await Wire.open()
    await wire.stableGroup('busy')
    await wire.send(OffsetCommitRequest, OffsetCommitResponse, 2, {
      groupId: 'simple',
      topics: [
        {
          name: 't',
          partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }],
        },
      ],
    })
    const list = async (body: { statesFilter?: string[]; typesFilter?: string[] }) => {
      const { errorCode, groups } = await wire.send(
        ListGroupsRequest,
        ListGroupsResponse,
        version,
        body,
      )
      expect(errorCode).toBe(NONE)
      return groups.toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1))
    }
    const groupType = version < 5 ? '' : 'classic'
    const busy = { groupId: 'busy', protocolType: 'consumer', groupState: 'Stable', groupType }
    const simple = { groupId: 'simple', protocolType: '', groupState: 'Empty', groupType }
    if (version < 4) {
      const groupState = ''
      expect(await list({})).toEqual([
        { ...busy, groupState },
        { ...simple, groupState },
      ])
      return
    }
    expect(await list({})).toEqual([busy, simple])
    expect(await list({ statesFilter: ['STABLE', ' nonsense '] })).toEqual([busy])
    if (version < 5) return
    expect(await list({ typesFilter: ['Classic'] })).toEqual([busy, simple])
    expect(await list({ typesFilter: ['consumer'] })).toEqual([])
  })

  it.each(upTo(2))('DeleteGroups v%i', async (version) => {
    const wire = await Wire.open()
    await wire.stableGroup('g')
    const { results } = await wire.send(DeleteGroupsRequest, DeleteGroupsResponse, version, {
      groupsNames: ['g', 'none', 'none'],
    })
    expect(results).toEqual([
      { groupId: 'g', errorCode: errors.NON_EMPTY_GROUP.code },
      { groupId: 'none', errorCode: errors.GROUP_ID_NOT_FOUND.code },
    ])
  })

  it('OffsetDelete v0', async () => {
    const wire = await Wire.open()
    const remove = (groupId: string) =>
      wire.send(OffsetDeleteRequest, OffsetDeleteResponse, 0, {
        groupId,
        topics: [
          { name: 't', partitions: [{ partitionIndex: 0 }, { partitionIndex: 8 }] },
          { name: 'nowhere', partitions: [{ partitionIndex: 0 }] },
        ],
      })
    expect(await remove('none')).toMatchObject({
      errorCode: errors.GROUP_ID_NOT_FOUND.code,
      topics: [],
    })
    await wire.stableGroup('g')
    const missing = errors.UNKNOWN_TOPIC_OR_PARTITION.code
    expect(await remove('g')).toMatchObject({
      errorCode: NONE,
      topics: [
        {
          name: 't',
          partitions: [
            { partitionIndex: 0, errorCode: NONE },
            { partitionIndex: 8, errorCode: missing },
          ],
        },
        { name: 'nowhere', partitions: [{ partitionIndex: 0, errorCode: missing }] },
      ],
    })
  })
})
