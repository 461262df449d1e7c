import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../kit/index.ts'
import {
  AlterConfigsRequest,
  AlterConfigsResponse,
  ApiVersionsRequest,
  ApiVersionsResponse,
  compress,
  DescribeConfigsRequest,
  DescribeConfigsResponse,
  errors,
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  PushTelemetryRequest,
  PushTelemetryResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'
import { encodeMetricsData } from '../client-metrics/testing.ts'
import { RESOURCE_TYPES } from './config-resources.ts'

/** KIP-714 on the wire: subscriptions are configurations, and clients ask and push. */

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
})
afterEach(() => broker.stop())

const SET = 0
const DELETE = 1
const SUBSCRIPTION_SOURCE = 7
const DEFAULT_SOURCE = 5

async function alter(
  changes: readonly (readonly [name: string, operation: number, value: string | null])[],
  resourceName = 'all',
) {
  const configs = changes.map(([name, configOperation, value]) => ({
    ...{ name, configOperation, value },
  }))
  const resources = [{ resourceType: RESOURCE_TYPES.clientMetrics, resourceName, configs }]
  const body = { resources, validateOnly: false }
  const { responses } = await client.send(
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    1,
    body,
  )
  return responses[0]
}

async function described(): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const { results } = await client.send(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [
      {
        ...{ resourceType: RESOURCE_TYPES.clientMetrics, resourceName: 'all' },
        configurationKeys: null,
      },
    ],
    ...{ includeSynonyms: false, includeDocumentation: false },
  })
  const configs = results[0]?.configs ?? []
  return Object.fromEntries(configs.map((one) => [one.name, [one.value, one.configSource]]))
}

const ask = (clientInstanceId = ZERO_UUID) =>
  client.send(GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, 0, {
    clientInstanceId,
  })

describe('subscriptions as configurations', () => {
  it('are set, shown, and gone when nothing of them is set', async () => {
    expect(await described()).toEqual({
      'interval.ms': ['300000', DEFAULT_SOURCE],
      match: ['', DEFAULT_SOURCE],
      metrics: ['', DEFAULT_SOURCE],
    })
    expect(await alter([['metrics', SET, '*']])).toMatchObject({ errorCode: 0 })
    expect((await described()).metrics).toEqual(['*', SUBSCRIPTION_SOURCE])
    expect([...broker.services.control.state.clientMetrics.keys()]).toEqual(['all'])
    await alter([
      ['metrics', DELETE, null],
      ['interval.ms', DELETE, null],
    ])
    expect([...broker.services.control.state.clientMetrics.keys()]).toEqual([])
  })

  it('are replaced as a whole by AlterConfigs', async () => {
    await alter([['metrics', SET, '*']])
    const { responses } = await client.send(AlterConfigsRequest, AlterConfigsResponse, 2, {
      resources: [
        {
          ...{ resourceType: RESOURCE_TYPES.clientMetrics, resourceName: 'all' },
          configs: [{ name: 'interval.ms', value: '1000' }],
        },
      ],
      validateOnly: false,
    })
    expect(responses[0]?.errorCode).toBe(errors.NONE.code)
    expect(broker.services.control.state.clientMetrics.get('all')).toEqual({
      'interval.ms': '1000',
    })
  })

  it('refuse what is not of their kind', async () => {
    expect(await alter([['interval.ms', SET, '1']])).toMatchObject({
      errorCode: errors.INVALID_REQUEST.code,
    })
    expect(await alter([['match', SET, 'client_id=(']])).toMatchObject({
      ...{ errorCode: errors.INVALID_CONFIG.code },
      errorMessage: 'Illegal client matching pattern: client_id=(',
    })
  })
})

describe('clients', () => {
  it('ask, push, and are shown by what they call themselves', async () => {
    await alter([
      ['metrics', SET, 'org.apache.kafka.'],
      ['interval.ms', SET, '1000'],
      ['match', SET, 'client_software_name=my-client'],
    ])
    const software = { clientSoftwareName: 'my-client', clientSoftwareVersion: '1.2' }
    await client.send(ApiVersionsRequest, ApiVersionsResponse, 3, software)
    const asked = await ask()
    expect(asked).toMatchObject({
      ...{ errorCode: errors.NONE.code, acceptedCompressionTypes: [4, 3, 1, 2] },
      ...{ pushIntervalMs: 1000, telemetryMaxBytes: 1_048_576, deltaTemporality: true },
      requestedMetrics: ['org.apache.kafka.'],
    })
    await broker.time.advance(1000)
    const name = 'org.apache.kafka.consumer.poll.idle.ratio.avg'
    const { clientInstanceId, subscriptionId } = asked
    const push = {
      ...{ clientInstanceId, subscriptionId, terminating: false, compressionType: 4 },
      metrics: Buffer.from(compress('zstd', encodeMetricsData([{ name, value: 0.5 }]))),
    }
    const send = () => client.send(PushTelemetryRequest, PushTelemetryResponse, 0, push)
    expect((await send()).errorCode).toBe(errors.NONE.code)
    expect((await send()).errorCode).toBe(errors.THROTTLING_QUOTA_EXCEEDED.code)
    const [series] = [...broker.services.clientMetrics.reports.all()]
    expect(series).toMatchObject({ role: 'consumer', software: 'my-client' })
  })

  it('are told when they ask too early, and what else they have to say', async () => {
    const { clientInstanceId } = await ask()
    expect(await ask(clientInstanceId)).toMatchObject({
      errorCode: errors.THROTTLING_QUOTA_EXCEEDED.code,
      requestedMetrics: [],
    })
  })

  it('are forgotten with their connection', async () => {
    await ask()
    expect(broker.services.clientMetrics.instanceCount).toBe(1)
    await client.close()
    while (broker.services.clientMetrics.instanceCount > 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
})
