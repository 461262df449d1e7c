import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createSimTime } from '../kit/testing.ts'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  MetadataRequest,
  MetadataResponse,
} from '../protocol/index.ts'
import type { TestBroker } from '../test/support/test-broker.ts'
import { startTestBroker, TEST_ACTOR } from '../test/support/test-broker.ts'
import type { BrokerEvent } from './events/index.ts'
import type { Handler } from './handlers/index.ts'
import { defineHandler, handlers } from './handlers/index.ts'
import type { TestServer } from './network/testing.ts'
import { startTestServer } from './network/testing.ts'
import { brokerEventOf } from './network-events.ts'
import type { ListenerSecurity } from './security/index.ts'

/** Connections that the broker ends, and what operators are told of why. */

const frame = (...bytes: readonly number[]): Buffer => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, Buffer.from(bytes)])
}
const heartbeat = (version: number): Buffer => frame(0, 12, 0, version, 0, 0, 0, 7, 0xff, 0xff)

const failing: Handler = defineHandler(
  HeartbeatRequest,
  HeartbeatResponse,
  { versions: '0-4', stage: 'ordered', permissions: [] },
  () => {
    throw new Error('a fault of ours')
  },
)

const logins: ListenerSecurity = {
  ...{ protocol: 'SASL_PLAINTEXT', tls: null },
  sasl: {
    ...{ mechanisms: ['PLAIN'], maxReauthMs: 0, now: () => 0 },
    begin: () => {
      throw new Error('no login is begun')
    },
  },
}
/** A TLS handshake that fails when its client gives up. */
const givenUpTls: ListenerSecurity = {
  ...{ protocol: 'SSL', sasl: null },
  tls: {
    accept(socket, { failed }) {
      socket.once('close', () => failed('the connection was closed'))
      socket.on('error', () => {})
      socket.resume()
    },
    reload: () => {},
  },
}

const sockets: Socket[] = []
let running: TestServer | undefined
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await running?.server.stop(0)
  running = undefined
})

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  sockets.push(socket)
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  return socket
}

function told({ events }: TestServer): readonly BrokerEvent[] {
  return events.flatMap((event) => brokerEventOf(event) ?? [])
}

describe('a connection that is closed for what its client sent', () => {
  it.each([
    ['bytes that are no request', heartbeat(0), 'malformed-request'],
    ['a frame without a header', frame(0), 'malformed-request'],
    ['an API that there is not', frame(3, 231, 0, 0, 0, 0, 0, 0), 'unsupported-request'],
    ['a version that is not served', heartbeat(99), 'unsupported-request'],
  ])('%s', async (_, bytes, kind) => {
    running = await startTestServer({ handlers })
    const socket = await dial(running.port)
    socket.write(bytes)
    await once(socket, 'close')
    expect(told(running)).toEqual([
      { kind, address: '127.0.0.1', listener: 'TEST', detail: expect.any(String) },
    ])
  })

  it('many frames before a login (login-frames-exceeded)', async () => {
    running = await startTestServer({ handlers, security: logins })
    const socket = await dial(running.port)
    // ApiVersions may be asked for before a login, but not for ever.
    for (let n = 0; n < 20; n++) socket.write(frame(0, 18, 0, 0, 0, 0, 0, n, 0xff, 0xff))
    await once(socket, 'close')
    expect(told(running)).toMatchObject([{ kind: 'login-frames-exceeded' }])
  })
})

it('a fault of the broker is told as that (request-failed)', async () => {
  running = await startTestServer({ handlers: [failing] })
  const socket = await dial(running.port)
  // Group, generation and member.
  socket.write(frame(0, 12, 0, 0, 0, 0, 0, 7, 0xff, 0xff, 0, 1, 103, 0, 0, 0, 1, 0, 1, 109))
  await once(socket, 'close')
  expect(told(running)).toMatchObject([
    { kind: 'request-failed', detail: 'Error: a fault of ours' },
  ])
})

it('a frame that does not come is told (slow-client)', async () => {
  const time = createSimTime()
  running = await startTestServer({ handlers, ...time })
  const { server } = running
  const socket = await dial(running.port)
  socket.write(Buffer.from([0, 0, 1]))
  await expect.poll(() => server.stats.bytesIn).toBe(3)
  await time.advance(40_000)
  await expect.poll(() => server.stats.openConnections).toBe(0)
  expect(told(running)).toMatchObject([{ kind: 'slow-client' }])
})

it('a handshake that fails is told (tls-failed)', async () => {
  running = await startTestServer({ handlers, security: givenUpTls })
  const { events } = running
  const socket = await dial(running.port)
  socket.resetAndDestroy()
  await expect.poll(() => events.length).toBe(1)
  expect(told(running)).toEqual([
    {
      kind: 'tls-failed',
      ...{ address: '127.0.0.1', listener: 'TEST' },
      detail: expect.any(String),
    },
  ])
})

describe('a broker tells', () => {
  let broker: TestBroker
  afterEach(() => broker.stop())

  it('of clients that do not log in again in time (session-expired)', async () => {
    broker = await startTestBroker({ configs: { 'connections.max.reauth.ms': '60000' } })
    const client = await broker.connectAs('alice')
    await broker.time.advance(61_000)
    const asked = client.send(MetadataRequest, MetadataResponse, 9, {
      ...{ topics: [], allowAutoTopicCreation: false },
      includeTopicAuthorizedOperations: false,
    })
    await expect(asked).rejects.toThrow('closed')
    expect(broker.events.counts['session-expired']).toBe(1)
  })

  it('of addresses that connect too often (address-connection-rate)', async () => {
    broker = await startTestBroker()
    const changes = [{ key: 'connection_creation_rate', value: 1 }] as const
    await broker.services.control.execute(
      [{ kind: 'quota.alter', entity: { ip: '127.0.0.1' }, changes }],
      TEST_ACTOR,
    )
    const clients = await Promise.all([1, 2, 3].map(() => broker.connect()))
    await clients[0]?.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    await expect.poll(() => broker.events.counts['address-connection-rate']).toBeGreaterThan(0)
  })
})
