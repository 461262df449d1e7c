import { afterEach, expect, it } from 'vitest'
import { seededRandom } from '../../../kit/index.ts'
import type { Encodable, FetchResponse as FetchAnswer } from '../../../protocol/index.ts'
import { FetchRequest, FetchResponse } from '../../../protocol/index.ts'
import type { RawClient } from '../../../test/support/client.ts'
import { produceValues } from '../../../test/support/produce.ts'
import type { TestBroker } from '../../../test/support/test-broker.ts'
import { startTestBroker, TEST_ACTOR } from '../../../test/support/test-broker.ts'

/**
 * What a session answers is compared with what a full fetch of the same partitions shows at that time: the
 * partitions with records, with an error, and those whose bounds are not as last told (KIP-227).
 */

const PARTITIONS = 6
const STEPS = 120

type Partition = FetchAnswer['responses'][number]['partitions'][number]
type Body = Encodable<typeof FetchRequest>

let broker: TestBroker | undefined
afterEach(() => broker?.stop())

function fetchOf(client: RawClient, session: Partial<Body>, offsets: ReadonlyMap<number, number>) {
  const partitions = [...offsets].map(([partition, fetchOffset]) => ({
    partition,
    fetchOffset,
    partitionMaxBytes: 1e6,
  }))
  const topics = partitions.length > 0 ? [{ topic: 't', partitions }] : []
  const body = { maxWaitMs: 0, minBytes: 1, forgottenTopicsData: [], topics, ...session }
  return client.send(FetchRequest, FetchResponse, 12, body)
}

function byNumber({ responses }: FetchAnswer): Map<number, Partition> {
  const all = responses.flatMap(({ partitions }) => partitions)
  return new Map(all.map((partition) => [partition.partitionIndex, partition]))
}

const boundsOf = ({ highWatermark, logStartOffset }: Partition): string =>
  `${highWatermark} ${logStartOffset}`

it.each([1, 2, 3, 4])('a session tells all news and nothing else (seed %d)', async (seed) => {
  const random = seededRandom(seed)
  broker = await startTestBroker()
  const [client, other] = [await broker.connect(), await broker.connect()]
  await broker.createTopic('t', { partitions: PARTITIONS })
  const offsets = new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, 0]))
  const told = new Map<number, string>()
  const first = await fetchOf(client, { sessionId: 0, sessionEpoch: 0 }, offsets)
  for (const [partition, answer] of byNumber(first)) told.set(partition, boundsOf(answer))

  let isDeleted = false
  const actions: ((partition: number) => Promise<unknown>)[] = [
    async (partition) => isDeleted || produceValues(other, 't', ['x'], { partition }),
    async (partition) => {
      const topic = broker?.services.control.state.topics.get('t')
      const log = topic && broker?.store.find(topic.id, partition)
      if (log) await broker?.store.trim(log, log.logStartOffset + random.below(3))
    },
    async () => {
      if (random.below(6) > 0) return
      if (isDeleted) await broker?.createTopic('t', { partitions: PARTITIONS })
      else await broker?.services.control.execute([{ kind: 'topic.delete', name: 't' }], TEST_ACTOR)
      isDeleted = !isDeleted
    },
  ]
  for (let epoch = 1; epoch <= STEPS; epoch++) {
    const partition = random.below(PARTITIONS)
    await actions[random.below(actions.length)]?.(partition)
    // The client moves on, goes back, or names what it does not need to.
    const named = new Map<number, number>()
    if (random.below(2) === 0) named.set(partition, random.below(8))
    const forgets = random.below(8) === 0 ? [random.below(PARTITIONS)] : []
    for (const [one, offset] of named) offsets.set(one, offset)
    for (const one of forgets) {
      offsets.delete(one)
      told.delete(one)
    }
    const shown = byNumber(await fetchOf(other, { sessionId: 0, sessionEpoch: -1 }, offsets))
    const news = [...shown].filter(([number, answer]) => {
      const hasNews = (answer.records?.length ?? 0) > 0 || answer.errorCode !== 0
      return hasNews || told.get(number) !== boundsOf(answer)
    })
    const forgottenTopicsData = [{ topic: 't', partitions: forgets }]
    const { sessionId } = first
    const session = { sessionId, sessionEpoch: epoch, forgottenTopicsData }
    const answer = byNumber(await fetchOf(client, session, named))
    expect([epoch, new Map([...answer].sort())]).toEqual([epoch, new Map(news.sort())])
    for (const [number, one] of answer) told.set(number, boundsOf(one))
  }
})
