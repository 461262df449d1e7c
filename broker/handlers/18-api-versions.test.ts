import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiVersionsRequest, ApiVersionsResponse, errors } from '../../protocol/index.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'
import { handlers } from './index.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await startTestBroker()
})
afterEach(() => broker.stop())

const software = (clientSoftwareName: string, clientSoftwareVersion: string) => ({
  clientSoftwareName,
  clientSoftwareVersion,
})

describe('ApiVersions', () => {
  it.each([0, 1, 2, 3, 4])('lists in v%d what is registered', async (version) => {
    const client = await broker.connect()
    const body = version >= 3 ? software('kit', '1.0') : {}
    const answer = await client.send(ApiVersionsRequest, ApiVersionsResponse, version, body)
    expect(answer.errorCode).toBe(errors.NONE.code)
    expect(answer.apiKeys).toEqual(
      handlers.map(({ apiKey, versions }) => ({
        apiKey,
        minVersion: versions.min,
        maxVersion: versions.max,
      })),
    )
    expect(answer.supportedFeatures).toEqual([])
    expect(answer.finalizedFeatures).toEqual([])
  })

  it('remembers what the client says it is', async () => {
    const client = await broker.connect()
    const body = software('apache-kafka-java', '3.9.1')
    await client.send(ApiVersionsRequest, ApiVersionsResponse, 3, body)
    expect([...broker.server.connections()]).toMatchObject([
      { softwareName: 'apache-kafka-java', softwareVersion: '3.9.1' },
    ])
  })

  it('remembers no more of it than tells it from others', async () => {
    const client = await broker.connect()
    const body = software('a'.repeat(30_000), '1'.repeat(30_000))
    await client.send(ApiVersionsRequest, ApiVersionsResponse, 3, body)
    const [connection] = broker.server.connections()
    expect(connection?.softwareName).toHaveLength(129)
    expect(connection?.softwareVersion).toHaveLength(129)
  })

  it.each([
    ['', '1'],
    ['a', ''],
    ['-a', '1'],
    ['a b', '1'],
    ['a', '1\n'],
    ['a', 'é'],
  ])('refuses %j %j as a name and version', async (name, version) => {
    const client = await broker.connect()
    const body = software(name, version)
    const answer = await client.send(ApiVersionsRequest, ApiVersionsResponse, 4, body)
    expect(answer.errorCode).toBe(errors.INVALID_REQUEST.code)
    expect([...broker.server.connections()]).toMatchObject([{ softwareName: 'unknown' }])
  })
})
