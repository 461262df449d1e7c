import { expect, it } from 'vitest'
import { FollowedRecord, FollowedRecords, MAX_FOLLOWED_RECORDS } from './followed-records.ts'

const context = { traceId: 't', spanId: 's', isSampled: true, traceState: null }
const at = (offset: number, partition = 0, topicId = 'id') =>
  new FollowedRecord({ topicId, topicName: 'orders', partition, offset }, context)

it('finds records by partition, in the order of their appends', () => {
  const records = new FollowedRecords()
  for (const record of [at(3), at(5), at(1, 1), at(9, 0, 'other')]) records.add(record)
  const offsets = (topicId: string, partition: number) =>
    records.in(topicId, partition)?.map(({ offset }) => offset)
  expect(offsets('id', 0)).toEqual([3, 5])
  expect(offsets('id', 1)).toEqual([1])
  expect(offsets('other', 0)).toEqual([9])
  expect(offsets('id', 2)).toBeUndefined()
})

it('lets the oldest go, and with them what nobody needs to look at', () => {
  const records = new FollowedRecords()
  records.add(at(0, 7))
  for (let offset = 0; offset < MAX_FOLLOWED_RECORDS; offset++) records.add(at(offset))
  expect(records.count).toBe(MAX_FOLLOWED_RECORDS)
  expect(records.in('id', 7)).toBeUndefined()
  expect(records.in('id', 0)).toHaveLength(MAX_FOLLOWED_RECORDS)
})

it('tells of a bounded number of fetches, and of the first commit of each of some groups', () => {
  const record = at(0)
  const fetches = Array.from({ length: 20 }, () => record.mayFetch())
  expect(fetches.filter(Boolean)).toHaveLength(8)
  expect([record.mayCommit('a'), record.mayCommit('a'), record.mayCommit('b')]).toEqual([
    ...[true, false, true],
  ])
  const commits = Array.from({ length: 20 }, (_, n) => record.mayCommit(`group-${n}`))
  expect(commits.filter(Boolean)).toHaveLength(6)
})
