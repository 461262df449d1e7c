import { expect, it } from 'vitest'
import { ResponseErrors } from './response-errors.ts'

const counted = (errors: ResponseErrors) => [...errors.byCode]

it('counts every error of a response, wherever it is, and never what is no error', () => {
  const errors = new ResponseErrors()
  errors.countAny({
    errorCode: 15,
    topics: [{ errorCode: 3, name: 'errorCode', partitions: [{ errorCode: 3 }, { errorCode: 0 }] }],
    assignment: Buffer.from([3, 3, 3]),
    coordinator: null,
  })
  expect(counted(errors)).toEqual([
    [15, 1],
    [3, 2],
  ])
})

it('counts those of Produce and Fetch by partition', () => {
  const errors = new ResponseErrors()
  errors.countData({ responses: [{ partitionResponses: [{ errorCode: 0 }, { errorCode: 2 }] }] })
  errors.countData({ errorCode: 70, responses: [{ partitions: [{ errorCode: 1 }] }] })
  expect(counted(errors)).toEqual([
    [2, 1],
    [70, 1],
    [1, 1],
  ])
})

it('looks at a bounded part of a response', () => {
  const errors = new ResponseErrors()
  errors.countAny(Array.from({ length: 100_000 }, () => ({ errorCode: 1 })))
  expect(errors.byCode.get(1)).toBeLessThan(2_000)
})
