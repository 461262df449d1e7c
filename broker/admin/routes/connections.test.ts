import { afterEach, beforeEach, expect, it } from 'vitest'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../protocol/index.ts'
import type { RawClient } from '../../../test/support/client.ts'
import { connectRaw } from '../../../test/support/client.ts'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

interface Shown {
  readonly id: number
  readonly clientId: string
  readonly requests: number
}

let admin: TestAdmin
const clients: RawClient[] = []
beforeEach(async () => {
  admin = await startTestAdmin()
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await admin.stop()
})

/** Connects and asks so often for the versions, as software of that name. */
async function connect(clientId: string, requests: number, software = 'librdkafka') {
  const client = await connectRaw(admin.broker.port, { clientId })
  clients.push(client)
  for (let n = 0; n < requests; n++) {
    await client.send(ApiVersionsRequest, ApiVersionsResponse, 3, {
      ...{ clientSoftwareName: software, clientSoftwareVersion: '2.3' },
    })
  }
  await admin.broker.time.advance(1000)
  return client
}

async function list(query = ''): Promise<{ connections: readonly Shown[]; next: string | null }> {
  const { status, body } = await admin.call(`GET /v1/connections${query}`)
  expect(status).toBe(200)
  return body as { connections: Shown[]; next: string | null }
}

const ids = async (query: string): Promise<readonly string[]> =>
  (await list(query)).connections.map(({ clientId }) => clientId)

it('shows who is connected, with what, and what they asked for last', async () => {
  await connect('app', 2)
  const { connections, next } = await list()
  expect(next).toBeNull()
  const [bytesIn, bytesOut] = [expect.any(Number), expect.any(Number)]
  expect(connections).toEqual([
    {
      ...{ id: 1, listener: 'PLAINTEXT', address: '127.0.0.1', principal: 'User:ANONYMOUS' },
      ...{ mechanism: 'none', clientId: 'app', bytesIn, bytesOut },
      ...{ softwareName: 'librdkafka', softwareVersion: '2.3' },
      ...{ connectedAt: expect.any(String), requests: 2, requestsInFlight: 0 },
      lastRequest: { api: 'ApiVersions', at: '2024-01-01T00:00:00.000Z' },
      idleMs: 1000,
    },
  ])
})

it('shows one that has asked for nothing yet', async () => {
  await connect('', 0)
  expect((await list()).connections[0]).toMatchObject({ lastRequest: null, clientId: '' })
})

it.each([
  ['clientId=a', ['a']],
  ['software=java', ['b']],
  ['listener=PLAINTEXT', ['a', 'b', 'c']],
  ['listener=OUTSIDE', []],
  ['address=127.0.0.1', ['a', 'b', 'c']],
  ['address=10.0.0.1', []],
  ['principal=ANONYMOUS', ['a', 'b', 'c']],
  ['principal=User:alice', []],
  ['sort=requests', ['b', 'c', 'a']],
  ['sort=bytesIn', ['b', 'c', 'a']],
  ['sort=bytesOut', ['b', 'c', 'a']],
  ['sort=idle', ['a', 'b', 'c']],
])('narrows and sorts by %s', async (query, expected) => {
  await connect('a', 1)
  await connect('b', 3, 'java')
  await connect('c', 2)
  expect(await ids(`?${query}`)).toEqual(expected)
})

it('cuts the id that a client gives itself', async () => {
  await connect('x'.repeat(30_000), 1)
  expect((await list()).connections[0]?.clientId).toHaveLength(250)
})

it('pages', async () => {
  for (const name of ['a', 'b', 'c']) await connect(name, 1)
  const first = await list('?limit=2')
  expect(first.connections.map(({ clientId }) => clientId)).toEqual(['a', 'b'])
  expect(await ids(`?limit=2&cursor=${first.next}`)).toEqual(['c'])
})

it('forgets who is gone', async () => {
  const client = await connect('a', 1)
  await client.close()
  await expect.poll(() => ids('')).toEqual([])
})
