import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encodable } from '../../protocol/index.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse, errors } from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker, TEST_ACTOR } from '../../test/support/test-broker.ts'
import { brokerConfigs, topicConfigs } from '../control/index.ts'
import { RESOURCE_TYPES } from './config-resources.ts'

type AskedResource = Encodable<typeof DescribeConfigsRequest>['resources'][number]

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker({ configs: { 'log.retention.hours': '2' } })
  client = await broker.connect()
  await broker.createTopic('t', { configs: { 'segment.ms': '7' } })
})
afterEach(() => broker.stop())

const describeResources = (
  version: number,
  resources: readonly AskedResource[],
  options: { includeSynonyms?: boolean; includeDocumentation?: boolean } = {},
) =>
  client.send(DescribeConfigsRequest, DescribeConfigsResponse, version, { resources, ...options })

const topic = (resourceName: string, keys: string[] | null = null): AskedResource => ({
  resourceType: RESOURCE_TYPES.topic,
  resourceName,
  configurationKeys: keys,
})
const node = (resourceName: string, keys: string[] | null = null): AskedResource => ({
  resourceType: RESOURCE_TYPES.broker,
  resourceName,
  configurationKeys: keys,
})

describe('DescribeConfigs', () => {
  it.each([0, 1, 2, 3, 4])('shows all configurations in v%d', async (version) => {
    const { results } = await describeResources(version, [topic('t'), node('1')])
    expect(results.map(({ errorCode, configs }) => [errorCode, configs.length])).toEqual([
      [errors.NONE.code, topicConfigs.names.length],
      [errors.NONE.code, brokerConfigs.names.length],
    ])
    const entries = new Map(results[0]?.configs.map((entry) => [entry.name, entry]))
    const own = entries.get('segment.ms')
    const inherited = entries.get('retention.ms')
    const inert = entries.get('preallocate')
    expect([own?.value, inherited?.value, inert?.value]).toEqual(['7', '7200000', 'false'])
    expect([own?.readOnly, inert?.readOnly]).toEqual([false, true])
    if (version === 0) {
      expect([own?.isDefault, inherited?.isDefault, inert?.isDefault]).toEqual([false, false, true])
    } else {
      expect([own?.configSource, inherited?.configSource, inert?.configSource]).toEqual([1, 4, 5])
    }
    if (version >= 3) expect([own?.configType, inert?.configType]).toEqual([5, 1])
  })

  it('shows synonyms and documentation when asked for', async () => {
    const keys = ['retention.ms', 'preallocate']
    const { results } = await describeResources(4, [topic('t', keys)], {
      includeSynonyms: true,
      includeDocumentation: true,
    })
    const [preallocate, retention] = results[0]?.configs ?? []
    expect(retention?.synonyms).toEqual([
      { name: 'log.retention.hours', value: '2', source: 4 },
      { name: 'log.retention.hours', value: '168', source: 5 },
    ])
    expect(preallocate?.documentation).toContain('Has no effect here')
    const plain = await describeResources(4, [topic('t', keys)])
    expect(plain.results[0]?.configs[0]).toMatchObject({ synonyms: [], documentation: null })
  })

  it('shows dynamic values of this broker and of all', async () => {
    const set = (brokerId: string, value: string) =>
      broker.services.control.execute(
        [
          {
            kind: 'broker.config.alter',
            brokerId,
            mode: 'incremental',
            changes: [{ op: 'set', name: 'num.partitions', value }],
          },
        ],
        TEST_ACTOR,
      )
    await set('', '3')
    await set('1', '4')
    const { results } = await describeResources(4, [node(''), node('1', ['num.partitions'])], {
      includeSynonyms: true,
    })
    expect(
      results[0]?.configs.map(({ name, value, configSource }) => [name, value, configSource]),
    ).toEqual([['num.partitions', '3', 3]])
    expect(results[1]?.configs[0]).toMatchObject({
      value: '4',
      configSource: 2,
      readOnly: false,
      synonyms: [
        { value: '4', source: 2 },
        { value: '3', source: 3 },
        { value: '1', source: 5 },
      ],
    })
  })

  it.each<[AskedResource, number, string | null]>([
    [topic('no'), errors.UNKNOWN_TOPIC_OR_PARTITION.code, null],
    [topic('a b'), errors.INVALID_TOPIC_EXCEPTION.code, 'Topic name is invalid'],
    [node('2'), errors.INVALID_REQUEST.code, 'expected 1 or empty string, but received 2'],
    [node('x'), errors.INVALID_REQUEST.code, 'must be an integer'],
    [
      { ...topic('t'), resourceType: 3 },
      errors.INVALID_REQUEST.code,
      'Unsupported resource type: 3',
    ],
    [{ ...topic('g'), resourceType: RESOURCE_TYPES.group }, errors.NONE.code, null],
    [{ ...topic('1'), resourceType: RESOURCE_TYPES.brokerLogger }, errors.NONE.code, null],
    [
      { ...topic(''), resourceType: RESOURCE_TYPES.clientMetrics },
      errors.INVALID_REQUEST.code,
      'Client metrics subscription name must not be empty',
    ],
  ])('%j is answered with %d', async (resource, errorCode, message) => {
    const { results } = await describeResources(4, [resource])
    const [answer] = results
    expect(answer).toMatchObject({
      ...{ errorCode, configs: [] },
      resourceName: resource.resourceName,
    })
    if (message === null) expect(answer?.errorMessage).toBeNull()
    else expect(answer?.errorMessage).toContain(message)
  })

  it('answers a bounded number of resources', async () => {
    const many = Array.from({ length: 10_001 }, () => topic('t', []))
    const { results } = await describeResources(4, many)
    expect(results).toHaveLength(10_001)
    expect(results[0]).toMatchObject({ errorCode: errors.INVALID_REQUEST.code, configs: [] })
  })

  it('answers a bounded number of configurations, however often a resource is named', async () => {
    const many = Array.from({ length: 5_000 }, () => node('1'))
    const { results } = await describeResources(4, many)
    const answered = results.filter(({ errorCode }) => errorCode === errors.NONE.code)
    expect(answered.length).toBeGreaterThan(100)
    expect(answered.length * brokerConfigs.names.length).toBeLessThan(500_000)
    expect(results.at(-1)).toMatchObject({ errorCode: errors.INVALID_REQUEST.code, configs: [] })
  })
})
