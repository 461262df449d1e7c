import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DescribeClusterRequest, DescribeClusterResponse, errors } from '../../protocol/index.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await startTestBroker()
})
afterEach(() => broker.stop())

describe('DescribeCluster', () => {
  it.each([0, 1, 2])('shows the one broker in v%d', async (version) => {
    const client = await broker.connect()
    const answer = await client.send(DescribeClusterRequest, DescribeClusterResponse, version, {
      includeClusterAuthorizedOperations: true,
    })
    expect(answer).toMatchObject({
      errorCode: 0,
      clusterId: broker.services.control.state.clusterId,
      controllerId: 1,
      brokers: [
        { brokerId: 1, host: '127.0.0.1', port: broker.port, rack: 'rack-1', isFenced: false },
      ],
      clusterAuthorizedOperations: 0b1_1111_1010_0000,
    })
  })

  it.each([
    [2, 'MISMATCHED_ENDPOINT_TYPE'],
    [3, 'UNSUPPORTED_ENDPOINT_TYPE'],
  ] as const)('has no endpoints of type %d', async (endpointType, error) => {
    const client = await broker.connect()
    const answer = await client.send(DescribeClusterRequest, DescribeClusterResponse, 1, {
      includeClusterAuthorizedOperations: false,
      endpointType,
    })
    expect(answer).toMatchObject({ errorCode: errors[error].code, endpointType, brokers: [] })
  })
})
