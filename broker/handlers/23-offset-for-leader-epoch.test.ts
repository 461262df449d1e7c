import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  errors,
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { produceValues } from '../../test/support/produce.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
let client: RawClient
let epoch: number
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
  const { id } = await broker.createTopic('t')
  await produceValues(client, 't', ['a', 'b'])
  epoch = broker.store.find(id, 0)?.leaderEpoch ?? -1
})
afterEach(() => broker.stop())

async function ask(
  version: number,
  leaderEpoch: number,
  { currentLeaderEpoch = -1, partition = 0 } = {},
) {
  const current = version >= 2 ? { currentLeaderEpoch } : {}
  const answer = await client.send(
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    version,
    { topics: [{ topic: 't', partitions: [{ partition, leaderEpoch, ...current }] }] },
  )
  return answer.topics[0]?.partitions[0]
}

describe('OffsetForLeaderEpoch', () => {
  it.each([0, 1, 2, 3, 4])('answers in v%d where an epoch ended', async (version) => {
    expect(await ask(version, epoch)).toEqual({
      errorCode: 0,
      partition: 0,
      leaderEpoch: version >= 1 ? epoch : -1,
      endOffset: 2,
    })
  })

  it('has no end for an epoch that is to come', async () => {
    expect(await ask(4, epoch + 5)).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 })
  })

  it('knows the ends of epochs before, and compares the client’s own', async () => {
    await broker.stop()
    broker = await startTestBroker({ disk: broker.disk })
    client = await broker.connect()
    await produceValues(client, 't', ['c'])
    expect(await ask(4, 0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 2 })
    expect(await ask(4, 1)).toMatchObject({ errorCode: 0, leaderEpoch: 1, endOffset: 3 })
    const codes = []
    for (const currentLeaderEpoch of [0, 1, 2]) {
      codes.push((await ask(4, 0, { currentLeaderEpoch }))?.errorCode)
    }
    expect(codes).toEqual([
      errors.FENCED_LEADER_EPOCH.code,
      errors.NONE.code,
      errors.UNKNOWN_LEADER_EPOCH.code,
    ])
  })

  it('refuses partitions that do not exist', async () => {
    expect(await ask(4, epoch, { partition: 1 })).toMatchObject({
      errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code,
      endOffset: -1,
    })
  })
})
