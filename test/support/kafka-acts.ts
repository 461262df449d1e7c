import type { CompressionType } from '../../protocol/index.ts'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  ConsumerProtocolAssignment,
  codec,
  encodeBatch,
  FetchRequest,
  FetchResponse,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  LeaveGroupResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  ProduceRequest,
  ProduceResponse,
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
  SaslHandshakeRequest,
  SaslHandshakeResponse,
  SyncGroupRequest,
  SyncGroupResponse,
  Writer,
} from '../../protocol/index.ts'
import type { RawClient } from './client.ts'

/** What clients do, good and bad, each as one call: for tests about how that looks from outside. */

export interface ProduceAct {
  readonly partition?: number
  /** Requests, sent without waiting for each other. */
  readonly requests?: number
  readonly records?: number
  readonly valueBytes?: number
  readonly compression?: CompressionType
  readonly version?: number
}

/** Sends requests and answers the errors of their partitions. */
export async function produce(
  client: RawClient,
  topic: string,
  act: ProduceAct = {},
): Promise<readonly number[]> {
  const { partition = 0, requests = 1, records = 1, valueBytes = 20, version = 9 } = act
  const value = Buffer.alloc(valueBytes, 'x')
  const batch = encodeBatch(
    Array.from({ length: records }, () => ({ timestampMs: -1, key: null, value })),
    act.compression === undefined ? {} : { compression: act.compression },
  )
  const answers = await Promise.all(
    Array.from({ length: requests }, () =>
      client.send(ProduceRequest, ProduceResponse, version, {
        ...{ acks: -1, timeoutMs: 30_000 },
        topicData: [{ name: topic, partitionData: [{ index: partition, records: batch }] }],
      }),
    ),
  )
  return answers.map(({ responses }) => responses[0]?.partitionResponses[0]?.errorCode ?? -1)
}

export interface FetchAct {
  readonly offset?: number
  readonly requests?: number
  readonly maxWaitMs?: number
  readonly version?: number
}

export async function fetchRecords(
  client: RawClient,
  topic: string,
  act: FetchAct = {},
): Promise<void> {
  const { offset = 0, requests = 1, maxWaitMs = 0, version = 11 } = act
  await Promise.all(
    Array.from({ length: requests }, () =>
      client.send(FetchRequest, FetchResponse, version, {
        ...{ maxWaitMs, minBytes: 1, forgottenTopicsData: [] },
        topics: [
          { topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1e7 }] },
        ],
      }),
    ),
  )
}

/** Tells the broker what a client is, as clients since 2.4 do. */
export async function introduce(client: RawClient, name: string, version: string): Promise<void> {
  await client.send(ApiVersionsRequest, ApiVersionsResponse, 3, {
    clientSoftwareName: name,
    clientSoftwareVersion: version,
  })
}

/** Whether PLAIN let a client in. */
export async function logInByPlain(
  client: RawClient,
  user: string,
  password: string,
): Promise<boolean> {
  await client.send(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: 'PLAIN' })
  const authBytes = Buffer.from(`\0${user}\0${password}`)
  const answer = await client.send(SaslAuthenticateRequest, SaslAuthenticateResponse, 1, {
    authBytes,
  })
  return answer.errorCode === 0
}

/** Topics with the partitions of each. */
export type Assignment = Readonly<Record<string, readonly number[]>>

const PROTOCOL = {
  name: 'range',
  metadata: Buffer.from([0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
}
const TIMEOUT_MS = 300_000

/** A group whose members are connections of the test; they are let keep silent for five minutes. */
export class GroupAct {
  readonly group: string
  readonly #clients: readonly RawClient[]
  #memberIds: string[] = []
  #generation = -1

  constructor(group: string, clients: readonly RawClient[]) {
    this.group = group
    this.#clients = clients
  }

  /** A rebalance in which all members join, and get what is given for each. */
  async rebalance(assignments: readonly Assignment[]): Promise<void> {
    const joined = this.#memberIds.length === 0 ? await this.#joinFirst() : await this.#joinAll()
    this.#generation = joined[0]?.generationId ?? -1
    this.#memberIds = joined.map(({ memberId }) => memberId)
    const leader = joined.findIndex((one) => one.leader === one.memberId)
    const all = assignments.map((assignment, at) => ({
      memberId: this.#memberIds[at] ?? '',
      assignment: encodeAssignment(assignment),
    }))
    await Promise.all(
      this.#clients.map((client, at) =>
        client.send(SyncGroupRequest, SyncGroupResponse, 3, {
          ...{ groupId: this.group, generationId: this.#generation },
          memberId: this.#memberIds[at] ?? '',
          assignments: at === leader ? all : [],
        }),
      ),
    )
  }

  /** By the first member, with the generation that it knows. */
  async commit(topic: string, offset: number, partition = 0, times = 1): Promise<void> {
    const [client] = this.#clients
    const answers = await Promise.all(
      Array.from({ length: times }, (_, at) =>
        client?.send(OffsetCommitRequest, OffsetCommitResponse, 7, {
          groupId: this.group,
          generationIdOrMemberEpoch: this.#generation,
          memberId: this.#memberIds[0] ?? '',
          topics: [
            {
              name: topic,
              partitions: [
                {
                  partitionIndex: partition,
                  committedOffset: offset - (times - 1 - at),
                  committedMetadata: '',
                },
              ],
            },
          ],
        }),
      ),
    )
    const code = answers[0]?.topics[0]?.partitions[0]?.errorCode
    if (code !== 0) throw new Error(`${this.group} could not commit: ${code}`)
  }

  async leave(): Promise<void> {
    await Promise.all(
      this.#clients.map((client, at) =>
        client.send(LeaveGroupRequest, LeaveGroupResponse, 2, {
          ...{ groupId: this.group, memberId: this.#memberIds[at] ?? '', members: [] },
        }),
      ),
    )
    this.#memberIds = []
  }

  /** The first is alone for a moment; it joins again once the others have come. */
  async #joinFirst() {
    const [first, ...others] = this.#clients
    if (!first) throw new Error('a group needs a member')
    const alone = await this.#join(first, '')
    this.#memberIds = [alone.memberId]
    if (others.length === 0) return [alone]
    const waiting = others.map((client) => this.#join(client, ''))
    return Promise.all([this.#join(first, alone.memberId), ...waiting])
  }

  #joinAll() {
    return Promise.all(
      this.#clients.map((client, at) => this.#join(client, this.#memberIds[at] ?? '')),
    )
  }

  #join(client: RawClient, memberId: string) {
    return client.send(JoinGroupRequest, JoinGroupResponse, 3, {
      ...{ groupId: this.group, sessionTimeoutMs: TIMEOUT_MS, rebalanceTimeoutMs: TIMEOUT_MS },
      ...{ memberId, protocolType: 'consumer', protocols: [PROTOCOL] },
    })
  }
}

function encodeAssignment(assignment: Assignment): Buffer {
  const writer = new Writer()
  writer.int16(0)
  codec(ConsumerProtocolAssignment, 0).write(writer, {
    assignedPartitions: Object.entries(assignment).map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions],
    })),
    userData: null,
  })
  return Buffer.concat(writer.finish())
}
