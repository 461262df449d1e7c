import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger, systemClock, systemTimers } from '../../kit/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { connectRaw } from '../../test/support/client.ts'
import { handlers as registry } from '../handlers/index.ts'
import { createKafkaServer } from './kafka-server.ts'
import type { TestServer } from './testing.ts'
import { noServices, startTestServer, testSettings } from './testing.ts'

const handlers = registry.filter(({ name }) => name === 'ApiVersions')
const running: TestServer[] = []
const clients: RawClient[] = []

async function client(port: number): Promise<RawClient> {
  const connected = await connectRaw(port)
  clients.push(connected)
  return connected
}

/** Whether the broker serves the connection; one that was refused is closed without a word. */
async function isServed(raw: RawClient): Promise<boolean> {
  const answer = raw.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
  return answer.then(
    () => true,
    () => false,
  )
}

afterEach(async () => {
  for (const connected of clients.splice(0)) await connected.close()
  for (const { server } of running.splice(0)) await server.stop(0)
})

describe('limits of connections', () => {
  it.each([
    ['max.connections', 'maxConnections', 'too-many-connections'],
    ['max.connections.per.ip', 'maxConnectionsPerIp', 'too-many-from-address'],
  ] as const)('refuses connections beyond %s until one is gone', async (_, setting, reason) => {
    const settings = { ...testSettings, [setting]: 2 }
    const served = await startTestServer({ handlers, settings })
    running.push(served)
    const { port, server, events } = served
    const [a, b] = [await client(port), await client(port)]
    expect(await isServed(a)).toBe(true)
    expect(await isServed(b)).toBe(true)
    expect(await isServed(await client(port))).toBe(false)
    expect(server.stats.closed[reason]).toBe(1)
    expect(events).toMatchObject([{ kind: 'connection-refused', reason }])
    expect(server.stats.openConnections).toBe(2)
    await a.close()
    while (server.stats.openConnections > 1) await new Promise((done) => setImmediate(done))
    expect(await isServed(await client(port))).toBe(true)
  })

  it('takes a limit that was changed while running', async () => {
    const settings = { maxConnections: 0 }
    const server = createKafkaServer({
      listeners: [{ name: 'L', host: '127.0.0.1', port: 0 }],
      handlers,
      services: noServices(),
      settings: Object.setPrototypeOf(settings, testSettings),
      clock: systemClock,
      timers: systemTimers,
      logger: silentLogger,
    })
    await server.start()
    const { port } = server.boundTo('L')
    expect(await isServed(await client(port))).toBe(false)
    settings.maxConnections = 1
    expect(await isServed(await client(port))).toBe(true)
    await server.stop(0)
  })
})

describe('listeners', () => {
  const listenOn = (...ports: number[]) =>
    createKafkaServer({
      listeners: ports.map((port, index) => ({ name: `L${index}`, host: '127.0.0.1', port })),
      handlers,
      services: noServices(),
      settings: testSettings,
      clock: systemClock,
      timers: systemTimers,
      logger: silentLogger,
    })

  it('serves each, and says which one a connection came in by', async () => {
    const server = listenOn(0, 0)
    await server.start()
    for (const name of ['L0', 'L1']) await isServed(await client(server.boundTo(name).port))
    const names = [...server.connections()].map(({ listener }) => listener)
    expect(names).toEqual(['L0', 'L1'])
    await server.stop(0)
  })

  it('leaves none open when one cannot be bound', async () => {
    const first = listenOn(0)
    await first.start()
    const { port } = first.boundTo('L0')
    const second = listenOn(0, port)
    await expect(second.start()).rejects.toThrow('EADDRINUSE')
    expect(() => second.boundTo('L0')).toThrow('not bound')
    await first.stop(0)
  })

  it('is not bound before it is started', () => {
    expect(() => listenOn(0).boundTo('L0')).toThrow('not bound')
  })

  it('moves one port from an address to all of them, lets nobody in before that is meant, and moves back', async () => {
    const server = listenOn(0)
    await server.start()
    const { port } = server.boundTo('L0')
    const wider = { name: 'L0', host: '0.0.0.0', port }
    const given = await server.prepare(wider)
    expect(await isServed(await client(port))).toBe(false)
    await given.abort()
    expect(server.boundTo('L0')).toEqual({ host: '127.0.0.1', port })
    expect(await isServed(await client(port))).toBe(true)

    const taken = await server.prepare(wider)
    taken.commit()
    expect(server.boundTo('L0')).toEqual({ host: '0.0.0.0', port })
    expect(await isServed(await client(port))).toBe(true)
    await server.stop(0)
  })

  it('stays as it is when it cannot be bound elsewhere', async () => {
    const other = listenOn(0)
    await other.start()
    const server = listenOn(0)
    await server.start()
    const { port } = server.boundTo('L0')
    const taken = { name: 'L0', host: '127.0.0.1', port: other.boundTo('L0').port }
    await expect(server.prepare(taken)).rejects.toThrow('EADDRINUSE')
    expect(await isServed(await client(port))).toBe(true)
    await server.stop(0)
    await other.stop(0)
  })
})
