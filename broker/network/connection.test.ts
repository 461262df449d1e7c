import { afterEach, describe, expect, it } from 'vitest'
import { createSimTime } from '../../kit/testing.ts'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  errors,
  FetchRequest,
  FetchResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  ProduceRequest,
  ProduceResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { connectRaw, encodeRequest } from '../../test/support/client.ts'
import type { Handler, RequestContext } from '../handlers/index.ts'
import { CloseConnection, defineHandler, handlers as registry } from '../handlers/index.ts'
import type { TestServer } from './testing.ts'
import { startTestServer } from './testing.ts'

/** Handlers whose work ends when the test says so, named by the request's text. */
class Gates {
  readonly started: string[] = []
  readonly contexts = new Map<string, RequestContext>()
  readonly #open = new Map<string, () => void>()
  #onStart: (() => void)[] = []

  wait(name: string, context: RequestContext): Promise<void> {
    this.started.push(name)
    this.contexts.set(name, context)
    for (const notify of this.#onStart.splice(0)) notify()
    return new Promise((resolve) => this.#open.set(name, resolve))
  }

  open(name: string): void {
    this.#open.get(name)?.()
    this.#open.delete(name)
  }

  openAll(): void {
    for (const name of [...this.#open.keys()]) this.open(name)
  }

  /** Resolves when so many have started. */
  async untilStarted(count: number): Promise<void> {
    while (this.started.length < count) {
      await new Promise<void>((resolve) => this.#onStart.push(resolve))
    }
  }
}

const EMPTY_FETCH = { errorCode: 0, sessionId: 0, responses: [] }

function gatedHandlers(gates: Gates): Handler[] {
  const options = { permissions: [] }
  return [
    defineHandler(
      ProduceRequest,
      ProduceResponse,
      { ...options, versions: '0-13', stage: 'append' },
      async ({ transactionalId, acks }, context) => {
        await gates.wait(transactionalId ?? '', context)
        return acks === 0 ? null : { responses: [] }
      },
    ),
    defineHandler(
      FetchRequest,
      FetchResponse,
      { ...options, versions: '0-18', stage: 'read' },
      async ({ rackId }, context) => {
        await gates.wait(rackId, context)
        return EMPTY_FETCH
      },
    ),
    defineHandler(
      HeartbeatRequest,
      HeartbeatResponse,
      { ...options, versions: '0-4', stage: 'ordered' },
      async ({ groupId }, context) => {
        await gates.wait(groupId, context)
        return { errorCode: 0 }
      },
    ),
  ]
}

const apiVersions = registry.filter(({ name }) => name === 'ApiVersions')

let running: TestServer | undefined
const clients: RawClient[] = []

async function serve(options: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  running = await startTestServer(options)
  return running
}

async function client(port: number): Promise<RawClient> {
  const connected = await connectRaw(port)
  clients.push(connected)
  return connected
}

afterEach(async () => {
  for (const connected of clients.splice(0)) await connected.close()
  await running?.server.stop(0)
  running = undefined
})

const produce = (name: string, acks = 1) => ({
  transactionalId: name,
  acks,
  timeoutMs: 1000,
  topicData: [],
})
const fetch = (name: string) => ({
  ...{ maxWaitMs: 0, minBytes: 0, topics: [], forgottenTopicsData: [] },
  rackId: name,
})
const heartbeat = (name: string) => ({ groupId: name, generationId: 0, memberId: '' })

/** Notes the order in which answers come. */
function noting(log: string[], name: string, answer: Promise<unknown>): Promise<unknown> {
  return answer.then(() => log.push(name))
}

describe('pipelining', () => {
  it('starts appends and reads at once and answers in the order of the requests', async () => {
    const gates = new Gates()
    const { port } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    const log: string[] = []
    const answers = [
      noting(log, 'a', raw.send(ProduceRequest, ProduceResponse, 9, produce('a'))),
      noting(log, 'f', raw.send(FetchRequest, FetchResponse, 12, fetch('f'))),
      noting(log, 'b', raw.send(ProduceRequest, ProduceResponse, 9, produce('b'))),
    ]
    await gates.untilStarted(3)
    expect(gates.started).toEqual(['a', 'f', 'b'])
    gates.open('b')
    gates.open('f')
    gates.open('a')
    await Promise.all(answers)
    expect(log).toEqual(['a', 'f', 'b'])
  })

  it('gives an ordered request the connection for itself', async () => {
    const gates = new Gates()
    const { port } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    const answers = [
      raw.send(ProduceRequest, ProduceResponse, 9, produce('a')),
      raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h')),
      raw.send(ProduceRequest, ProduceResponse, 9, produce('b')),
    ]
    await gates.untilStarted(1)
    expect(gates.started).toEqual(['a'])
    gates.open('a')
    await gates.untilStarted(2)
    expect(gates.started).toEqual(['a', 'h'])
    gates.open('h')
    await gates.untilStarted(3)
    gates.open('b')
    await Promise.all(answers)
  })

  it('keeps the bytes of a request that waits, whatever else arrives', async () => {
    const gates = new Gates()
    const { port } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    const first = raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h'))
    const second = raw.send(ProduceRequest, ProduceResponse, 9, produce('waits'))
    await gates.untilStarted(1)
    const other = await client(port)
    const others = other.send(ProduceRequest, ProduceResponse, 9, produce('x'.repeat(50)))
    await gates.untilStarted(2)
    gates.open('h')
    await gates.untilStarted(3)
    expect(gates.started[2]).toBe('waits')
    gates.openAll()
    await Promise.all([first, second, others])
  })

  it('stops reading from a connection with too many requests in flight, and goes on later', async () => {
    const gates = new Gates()
    const { port, server } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    const padding = 'x'.repeat(20_000)
    const answers = Array.from({ length: 300 }, (_, i) =>
      raw.send(ProduceRequest, ProduceResponse, 9, produce(`${i}${padding}`)),
    )
    await gates.untilStarted(64)
    // Another connection is served meanwhile.
    const other = await client(port)
    const answer = other.send(HeartbeatRequest, HeartbeatResponse, 0, heartbeat('other'))
    await gates.untilStarted(gates.started.length + 1)
    gates.open('other')
    await answer
    const [connection] = server.connections()
    expect(connection?.requestsInFlight).toBeGreaterThanOrEqual(64)
    expect(connection?.requestsInFlight).toBeLessThan(70)
    const opener = setInterval(() => gates.openAll(), 1)
    await Promise.all(answers)
    clearInterval(opener)
  })

  it('sends no response where the handler has none', async () => {
    const gates = new Gates()
    const { port } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    raw.post(ProduceRequest, 9, produce('silent', 0))
    const answer = raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h'))
    await gates.untilStarted(1)
    gates.open('silent')
    await gates.untilStarted(2)
    gates.open('h')
    // Nothing was left over: the client checks that the correlation id is the one that is due.
    expect((await answer).errorCode).toBe(0)
  })

  it('answers a client that has stopped sending', async () => {
    const gates = new Gates()
    const { port } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    const answer = raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h'))
    raw.end()
    await gates.untilStarted(1)
    gates.open('h')
    expect((await answer).errorCode).toBe(0)
    await raw.closed
  })
})

describe('what cannot be served', () => {
  const frame = (...bytes: number[]) => {
    const payload = Buffer.from(bytes)
    const size = Buffer.alloc(4)
    size.writeInt32BE(payload.length)
    return Buffer.concat([size, payload])
  }
  const heartbeatFrame = (version: number) => {
    const header = Buffer.alloc(8)
    header.writeInt16BE(12, 0)
    header.writeInt16BE(version, 2)
    return frame(...header)
  }

  it.each([
    ['a negative size', Buffer.from([0xff, 0xff, 0xff, 0xff]), 'malformed-request'],
    ['an oversized frame', Buffer.from([0x7f, 0, 0, 0]), 'oversized-frame'],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'oversized-frame'],
    ['a TLS hello', Buffer.from([0x16, 3, 1, 0, 0xc8, 1, 0]), 'oversized-frame'],
    ['a frame without a header', frame(0, 1, 2), 'malformed-request'],
    ['an empty frame', frame(), 'malformed-request'],
    ['an unknown API', frame(0x03, 0xe7, 0, 0, 0, 0, 0, 0), 'unknown-api'],
    ['a negative API', frame(0xff, 0xff, 0, 0, 0, 0, 0, 0), 'unknown-api'],
    ['a version that is too new', heartbeatFrame(99), 'unsupported-version'],
    ['a negative version', heartbeatFrame(-1), 'unsupported-version'],
    ['a request that is cut off', heartbeatFrame(0), 'malformed-request'],
  ] as const)('closes on %s, after answering what came before', async (_, bytes, reason) => {
    const gates = new Gates()
    const { port, server, events } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    const answer = raw.send(HeartbeatRequest, HeartbeatResponse, 0, heartbeat('before'))
    await gates.untilStarted(1)
    raw.write(bytes)
    gates.open('before')
    expect((await answer).errorCode).toBe(0)
    await raw.closed
    expect(server.stats.closed[reason]).toBe(1)
    expect(events).toMatchObject([{ kind: 'connection-closed', reason }])
  })

  it('answers ApiVersions in a version to come in v0, and stays open', async () => {
    const { port } = await serve({ handlers: apiVersions })
    const raw = await client(port)
    const request = encodeRequest(ApiVersionsRequest, 4, soft('a', '1'), {
      correlationId: 7,
      clientId: 'c',
    })
    request.writeInt16BE(99, 6)
    raw.write(request)
    const frame = await raw.nextFrame()
    // Correlation id, error, one API: its key and its range.
    expect(frame.toString('hex')).toBe(
      `00000007 ${hex16(errors.UNSUPPORTED_VERSION.code)} 00000001 0012 0000 0004`.replaceAll(
        ' ',
        '',
      ),
    )
    const next = await raw.send(ApiVersionsRequest, ApiVersionsResponse, 0, {}).catch(() => null)
    expect(next?.errorCode).toBe(0)
  })

  it.each([
    ['a fault of ours', new Error('no'), 'handler-failed', 1],
    ['a wish of the handler', new CloseConnection('please'), 'asked-by-handler', 0],
  ] as const)('closes on %s', async (_, thrown, reason, logged) => {
    const failing = defineHandler(
      HeartbeatRequest,
      HeartbeatResponse,
      { versions: '0-4', stage: 'ordered', permissions: [] },
      () => {
        throw thrown
      },
    )
    const { port, server, errors: lines } = await serve({ handlers: [failing] })
    const raw = await client(port)
    const answer = raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h'))
    await expect(answer).rejects.toThrow('closed')
    expect(server.stats.closed[reason]).toBe(1)
    expect(server.stats.apis.get(12)?.failures).toBe(1)
    expect(lines).toHaveLength(logged)
  })

  it('closes when a response cannot be encoded', async () => {
    const failing = defineHandler(
      HeartbeatRequest,
      HeartbeatResponse,
      { versions: '0-4', stage: 'ordered', permissions: [] },
      () => ({ errorCode: 1e9 }),
    )
    const { port, server } = await serve({ handlers: [failing] })
    const raw = await client(port)
    await expect(raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h'))).rejects.toThrow(
      'closed',
    )
    expect(server.stats.closed['handler-failed']).toBe(1)
  })
})

describe('deadlines', () => {
  it('closes a connection that is idle, not one that waits for its answer', async () => {
    const time = createSimTime()
    const gates = new Gates()
    const { port, server } = await serve({
      handlers: gatedHandlers(gates),
      settings: { connectionsMaxIdleMs: 5000 },
      ...time,
    })
    const raw = await client(port)
    const answer = raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h'))
    await gates.untilStarted(1)
    await time.advance(60_000)
    gates.open('h')
    await answer
    await time.advance(4000)
    expect(server.stats.openConnections).toBe(1)
    await time.advance(3000)
    await raw.closed
    expect(server.stats.closed.idle).toBe(1)
  })

  it('keeps an idle connection for ever when the limit is negative', async () => {
    const time = createSimTime()
    const { port, server } = await serve({
      handlers: apiVersions,
      settings: { connectionsMaxIdleMs: -1 },
      ...time,
    })
    const raw = await client(port)
    await raw.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    await time.advance(10_000_000)
    expect(server.stats.openConnections).toBe(1)
  })

  it('closes a connection whose frame does not come', async () => {
    const time = createSimTime()
    const { port, server } = await serve({ handlers: apiVersions, ...time })
    const raw = await client(port)
    await raw.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    raw.write(Buffer.from([0, 0, 1]))
    await untilBytes(server, 3)
    await time.advance(29_000)
    expect(server.stats.openConnections).toBe(1)
    await time.advance(3000)
    await raw.closed
    expect(server.stats.closed['slow-frame']).toBe(1)
  })

  it('bears a large frame that comes slowly but steadily', async () => {
    const time = createSimTime()
    const { port, server } = await serve({ handlers: apiVersions, ...time })
    const raw = await client(port)
    const size = Buffer.alloc(4)
    size.writeInt32BE(1_000_000)
    raw.write(size)
    let sent = 4
    for (let second = 0; second < 40; second++) {
      raw.write(Buffer.alloc(2048))
      sent += 2048
      await untilBytesIn(server, sent)
      await time.advance(1000)
    }
    expect(server.stats.openConnections).toBe(1)
  })

  it('cuts off a client that does not read, and holds no other up', async () => {
    const time = createSimTime()
    const released: string[] = []
    const large = Buffer.alloc(8 * 1024 * 1024, 1)
    const handler = defineHandler(
      FetchRequest,
      FetchResponse,
      { versions: '0-18', stage: 'read', permissions: [] },
      ({ rackId }, context) => {
        context.whenSent(() => released.push(rackId))
        const partition = { partitionIndex: 0, errorCode: 0, highWatermark: 0, records: large }
        return {
          errorCode: 0,
          sessionId: 0,
          responses: [{ topic: 't', partitions: [{ ...partition, abortedTransactions: null }] }],
        }
      },
    )
    const { port, server } = await serve({ handlers: [handler, ...apiVersions], ...time })
    const slow = await client(port)
    slow.pause()
    const answers = Array.from({ length: 20 }, (_, i) =>
      slow.send(FetchRequest, FetchResponse, 12, fetch(String(i))).then(
        () => 'answered',
        () => 'closed',
      ),
    )
    const other = await client(port)
    await other.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    // Only so many were even started: the rest would have to be kept in memory.
    expect(server.stats.apis.get(1)?.queue.count).toBeLessThanOrEqual(4)
    for (let second = 0; second < 70; second++) {
      await time.advance(1000)
      await other.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
    }
    slow.resume()
    const outcomes = await Promise.all(answers)
    expect(outcomes).toContain('closed')
    expect(server.stats.closed['stalled-send']).toBe(1)
    expect(new Set(released).size).toBe(released.length)
    expect(released.length).toBe(server.stats.apis.get(1)?.queue.count)
  })
})

describe('the end of a connection', () => {
  it('tells waiting handlers, and releases what their answers point into', async () => {
    const gates = new Gates()
    const { port, server } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    const answer = raw.send(FetchRequest, FetchResponse, 12, fetch('f')).catch(() => 'closed')
    await gates.untilStarted(1)
    const events: string[] = []
    const context = gates.contexts.get('f')
    context?.whenSent(() => events.push('released'))
    const closed = new Promise<void>((resolve) => context?.connection.onClosed(resolve))
    await raw.close()
    await closed
    gates.open('f')
    expect(await answer).toBe('closed')
    await untilGone(server)
    expect(events).toEqual(['released'])
    expect(server.stats.requestsInFlight).toBe(0)
    expect(server.stats.closed.client).toBe(1)
  })

  it('answers what is in flight when the server stops, and nothing new', async () => {
    const gates = new Gates()
    const { port, server } = await serve({ handlers: gatedHandlers(gates) })
    const raw = await client(port)
    const answer = raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h'))
    await gates.untilStarted(1)
    const stopped = server.stop(60_000)
    gates.open('h')
    expect((await answer).errorCode).toBe(0)
    await raw.closed
    await stopped
    expect(server.stats.openConnections).toBe(0)
    await expect(connectRaw(port)).rejects.toThrow('ECONNREFUSED')
  })

  it('gives up on what is in flight at the deadline', async () => {
    const time = createSimTime()
    const gates = new Gates()
    const { port, server } = await serve({ handlers: gatedHandlers(gates), ...time })
    const raw = await client(port)
    const answer = raw.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('h'))
    await gates.untilStarted(1)
    const released = new Promise<void>((resolve) => gates.contexts.get('h')?.whenSent(resolve))
    const stopped = server.stop(5000)
    await time.advance(5000)
    await expect(answer).rejects.toThrow('closed')
    await stopped
    // The handler ends when it ends; what its answer points into is released then.
    gates.open('h')
    await released
    expect(server.stats.requestsInFlight).toBe(0)
    expect(server.stop(5000)).toBe(server.stop(1))
  })
})

it('does not read from connections while the memory for requests is used up', async () => {
  const gates = new Gates()
  const { port, server } = await serve({
    handlers: gatedHandlers(gates),
    settings: { queuedMaxRequestBytes: 100_000 },
  })
  const padding = 'x'.repeat(30_000)
  const [a, b] = [await client(port), await client(port)]
  const first = Array.from({ length: 8 }, (_, i) =>
    a.send(ProduceRequest, ProduceResponse, 9, produce(`${i}${padding}`)),
  )
  await gates.untilStarted(3)
  const second = b.send(ProduceRequest, ProduceResponse, 9, produce(`b${padding}`))
  // Time enough for all of it to come in, if anybody read it.
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(server.stats.bytesIn).toBeLessThan(9 * 30_000)
  expect(gates.started.length).toBeLessThan(9)
  const opener = setInterval(() => gates.openAll(), 1)
  await Promise.all([...first, second])
  clearInterval(opener)
  expect(server.stats.requestsInFlight).toBe(0)
})

it('lets a frame get whole while memory is full of frames of those that are held', async () => {
  const gates = new Gates()
  const { port, server } = await serve({
    handlers: gatedHandlers(gates),
    settings: { queuedMaxRequestBytes: 20_000 },
  })
  const large = encodeRequest(ProduceRequest, 9, produce(`b${'x'.repeat(30_000)}`), {
    ...{ correlationId: 0, clientId: null },
  })
  const [a, b] = [await client(port), await client(port)]
  let sentBytes = 0
  const send = async (to: RawClient, bytes: Buffer): Promise<void> => {
    to.write(bytes)
    sentBytes += bytes.length
    await untilBytesIn(server, sentBytes)
  }
  await send(b, large.subarray(0, 12_000))
  const held = a.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('a'))
  await gates.untilStarted(1)
  sentBytes = server.stats.bytesIn
  await send(a, large.subarray(0, 12_000))
  gates.contexts.get('a')?.throttle({ waitMs: 1e9, remainingMs: () => 1e9 })
  gates.open('a')
  await held
  await send(b, large.subarray(12_000, 14_000))
  await send(b, large.subarray(14_000))
  await gates.untilStarted(2)
  gates.openAll()
  await b.nextFrame()
  expect(server.stats.requestsInFlight).toBe(0)
})

it('counts requests, bytes and stages by API', async () => {
  const { port, server } = await serve({ handlers: apiVersions })
  const raw = await client(port)
  await raw.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})
  await raw.send(ApiVersionsRequest, ApiVersionsResponse, 3, soft('kit', '1.0'))
  await raw.close()
  await untilGone(server)
  const stats = server.stats.apis.get(18)
  expect(stats).toMatchObject({ name: 'ApiVersions', requests: 2, failures: 0 })
  expect(stats?.requestsByVersion).toEqual([1, 0, 0, 1, 0])
  expect(stats?.requestBytes).toBe(server.stats.bytesIn - 2 * 4)
  expect(stats?.responseBytes).toBe(server.stats.bytesOut)
  for (const stage of ['queue', 'work', 'wait', 'send', 'total'] as const) {
    expect(stats?.[stage].count).toBe(2)
  }
})

function soft(clientSoftwareName: string, clientSoftwareVersion: string) {
  return { clientSoftwareName, clientSoftwareVersion }
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0')
}

/** The socket hands over what was written at its own time; there is no event to wait for. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

function untilGone(server: TestServer['server']): Promise<void> {
  return until(() => server.stats.openConnections === 0)
}

function untilBytesIn(server: TestServer['server'], bytes: number): Promise<void> {
  return until(() => server.stats.bytesIn >= bytes)
}

function untilBytes(server: TestServer['server'], more: number): Promise<void> {
  const before = server.stats.bytesIn
  return until(() => server.stats.bytesIn >= before + more)
}
