import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  AlterConfigsRequest,
  AlterConfigsResponse,
  errors,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'
import { RESOURCE_TYPES } from './config-resources.ts'

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
  await broker.createTopic('t', { configs: { 'segment.ms': '7', 'retention.ms': '8' } })
})
afterEach(() => broker.stop())

const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

type Change = readonly [name: string, operation: number, value: string | null]

const resource = (resourceType: number, resourceName: string, changes: readonly Change[]) => ({
  resourceType,
  resourceName,
  configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })),
})
const topic = (name: string, ...changes: readonly Change[]) =>
  resource(RESOURCE_TYPES.topic, name, changes)
const node = (name: string, ...changes: readonly Change[]) =>
  resource(RESOURCE_TYPES.broker, name, changes)

const alterIncrementally = (
  version: number,
  resources: readonly ReturnType<typeof resource>[],
  validateOnly = false,
) =>
  client.send(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, version, {
    resources,
    validateOnly,
  })

const configsOf = (name: string) => broker.services.control.state.topics.get(name)?.configs

describe('IncrementalAlterConfigs', () => {
  it.each([0, 1])('changes what is named in v%d', async (version) => {
    const { responses } = await alterIncrementally(version, [
      topic(
        't',
        ['retention.ms', SET, '9'],
        ['segment.ms', DELETE, null],
        ['cleanup.policy', APPEND, 'compact'],
      ),
      node('', ['num.partitions', SET, '3']),
    ])
    expect(responses.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).toEqual([
      [errors.NONE.code, null],
      [errors.NONE.code, null],
    ])
    expect(configsOf('t')).toEqual({ 'retention.ms': '9', 'cleanup.policy': 'delete,compact' })
    expect(broker.services.control.config.values.numPartitions).toBe(3)
  })

  it('takes elements out of lists', async () => {
    await alterIncrementally(1, [topic('t', ['cleanup.policy', SET, 'compact,delete'])])
    await alterIncrementally(1, [topic('t', ['cleanup.policy', SUBTRACT, 'delete'])])
    expect(configsOf('t')?.['cleanup.policy']).toBe('compact')
  })

  it('only validates when asked to', async () => {
    const { responses } = await alterIncrementally(
      1,
      [topic('t', ['retention.ms', SET, '9']), topic('no', ['retention.ms', SET, '9'])],
      true,
    )
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([
      errors.NONE.code,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
    ])
    expect(configsOf('t')?.['retention.ms']).toBe('8')
  })

  it.each<[string, ReturnType<typeof resource>, number]>([
    [
      'an inert configuration',
      topic('t', ['preallocate', SET, 'true']),
      errors.INVALID_CONFIG.code,
    ],
    ['a value that is wrong', topic('t', ['retention.ms', SET, 'x']), errors.INVALID_CONFIG.code],
    ['a null', topic('t', ['retention.ms', SET, null]), errors.INVALID_REQUEST.code],
    [
      'an operation that nobody knows',
      topic('t', ['retention.ms', 4, '1']),
      errors.INVALID_REQUEST.code,
    ],
    [
      'one key twice',
      topic('t', ['retention.ms', SET, '1'], ['retention.ms', DELETE, null]),
      errors.INVALID_REQUEST.code,
    ],
    [
      'a topic that is not there',
      topic('no', ['retention.ms', SET, '1']),
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
    ],
    ['the event log', topic('__events', ['retention.ms', SET, '1']), errors.POLICY_VIOLATION.code],
    ['the history', topic('__audit', ['retention.ms', SET, '1']), errors.POLICY_VIOLATION.code],
    ['another broker', node('2', ['num.partitions', SET, '1']), errors.INVALID_REQUEST.code],
    [
      'what is fixed at start',
      node('1', ['log.retention.hours', SET, '1']),
      errors.INVALID_REQUEST.code,
    ],
    ['a group', resource(RESOURCE_TYPES.group, 'g', []), errors.INVALID_REQUEST.code],
    ['a kind that nobody knows', resource(3, 'x', []), errors.INVALID_REQUEST.code],
    ['very long names', topic('t', ['x'.repeat(30_000), SET, null]), errors.INVALID_REQUEST.code],
  ])('refuses %s and changes nothing', async (_, one, errorCode) => {
    const before = configsOf('t')
    const { responses } = await alterIncrementally(0, [one])
    expect(responses).toMatchObject([
      { errorCode, resourceType: one.resourceType, resourceName: one.resourceName },
    ])
    expect(configsOf('t')).toEqual(before)
  })

  it('refuses a resource that is named twice', async () => {
    const { responses } = await alterIncrementally(1, [
      topic('t', ['retention.ms', SET, '9']),
      topic('t', ['segment.ms', SET, '9']),
    ])
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([
      errors.INVALID_REQUEST.code,
      errors.INVALID_REQUEST.code,
    ])
    expect(configsOf('t')).toEqual({ 'segment.ms': '7', 'retention.ms': '8' })
  })
})

describe('AlterConfigs', () => {
  it.each([0, 1, 2])('replaces all that is set in v%d', async (version) => {
    const { responses } = await client.send(AlterConfigsRequest, AlterConfigsResponse, version, {
      resources: [
        {
          resourceType: RESOURCE_TYPES.topic,
          resourceName: 't',
          configs: [{ name: 'retention.ms', value: '9' }],
        },
        { resourceType: RESOURCE_TYPES.topic, resourceName: 'no', configs: [] },
        {
          resourceType: RESOURCE_TYPES.broker,
          resourceName: '1',
          configs: [{ name: 'num.partitions', value: null }],
        },
      ],
      validateOnly: false,
    })
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([
      errors.NONE.code,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
      errors.INVALID_REQUEST.code,
    ])
    expect(configsOf('t')).toEqual({ 'retention.ms': '9' })
  })
})
