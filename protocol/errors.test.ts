import { describe, expect, it } from 'vitest'
import type { KafkaError } from './errors.ts'
import { errorByCode, errors } from './errors.ts'

const all: readonly KafkaError[] = Object.values(errors)

describe('the error table', () => {
  it('has every code of Kafka 4.1 exactly once, in order', () => {
    expect(all.map(({ code }) => code)).toEqual(Array.from({ length: 135 }, (_, i) => i - 1))
  })

  it.each([
    ['NONE', 0, false],
    ['UNKNOWN_TOPIC_OR_PARTITION', 3, true],
    ['NOT_LEADER_OR_FOLLOWER', 6, true],
    ['MESSAGE_TOO_LARGE', 10, false],
    ['NOT_COORDINATOR', 16, true],
    ['UNSUPPORTED_VERSION', 35, false],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 45, false],
    ['KAFKA_STORAGE_ERROR', 56, true],
    ['FENCED_LEADER_EPOCH', 74, true],
    ['UNKNOWN_TOPIC_ID', 100, true],
    ['SHARE_SESSION_LIMIT_REACHED', 133, true],
  ] as const)('%s is %d', (name, code, retriable) => {
    expect(errors[name]).toMatchObject({ name, code, retriable })
    expect(errorByCode(code)).toBe(errors[name])
  })

  it('says something for each, and something else for each', () => {
    expect(new Set(all.map(({ message }) => message)).size).toBe(all.length)
    expect(all.filter(({ message }) => message.length < 5)).toEqual([])
  })

  it('knows no other codes', () => {
    expect(errorByCode(134)).toBeUndefined()
    expect(errorByCode(-2)).toBeUndefined()
  })
})
