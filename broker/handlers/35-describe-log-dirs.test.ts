import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { produceValues } from '../../test/support/produce.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
  await broker.createTopic('t', { partitions: 2 })
  await produceValues(client, 't', ['some value'], { partition: 1 })
})
afterEach(() => broker.stop())

function ask(version: number, topics: readonly { topic: string; partitions: number[] }[] | null) {
  return client.send(DescribeLogDirsRequest, DescribeLogDirsResponse, version, { topics })
}

describe('DescribeLogDirs', () => {
  it.each([0, 1, 2, 3, 4])(
    'shows the directory, its partitions and its space in v%d',
    async (v) => {
      const answer = await ask(v, [{ topic: 't', partitions: [0, 1, 1, 7] }])
      const { results } = answer
      expect(results).toMatchObject([{ errorCode: 0, logDir: '/data', topics: [{ name: 't' }] }])
      const [first, second, ...others] = results[0]?.topics[0]?.partitions ?? []
      expect(others).toEqual([])
      expect(first).toMatchObject({ partitionIndex: 0, partitionSize: 0, offsetLag: 0 })
      expect(second?.partitionSize).toBeGreaterThan(60)
      const space = await broker.disk.space('/data')
      expect(results[0]?.totalBytes).toBe(v >= 4 ? space.totalBytes : -1)
      expect(results[0]?.usableBytes).toBe(v >= 4 ? space.freeBytes : -1)
    },
  )

  it('shows everything when nothing is named, and leaves out what is not there', async () => {
    const everything = await ask(4, null)
    const names = everything.results[0]?.topics.map(({ name }) => name)
    expect(names?.sort()).toEqual(['__audit', '__events', 't'])
    const nothing = await ask(4, [{ topic: 'no', partitions: [0] }])
    expect(nothing.results[0]?.topics).toEqual([])
  })
})
