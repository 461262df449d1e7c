import { afterEach, expect, it } from 'vitest'
import { createSimTime } from '../../kit/testing.ts'
import {
  FetchRequest,
  FetchResponse,
  HeartbeatRequest,
  HeartbeatResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { connectRaw } from '../../test/support/client.ts'
import type { Handler, RequestContext, RequestTracer } from '../handlers/index.ts'
import { CloseConnection, defineHandler } from '../handlers/index.ts'
import type { TestServer } from './testing.ts'
import { startTestServer } from './testing.ts'

/** Where the time of a request goes, told to whoever traces it and counted by stage. */

const time = createSimTime()
const traced: { api: string; passed: (readonly [string, number])[]; end: unknown }[] = []

/** Traces every request whose client id does not say otherwise. */
const tracer: RequestTracer = {
  begin(request) {
    if (request.clientId === 'untraced') return undefined
    const entry: (typeof traced)[number] = { api: request.api, passed: [], end: null }
    traced.push(entry)
    const since = (atMs: number): number => atMs - request.arrivedMs
    return {
      traceId: '0123456789abcdef0123456789abcdef',
      enter: (stage, atMs) => entry.passed.push([stage, since(atMs)]),
      end: (atMs, failure) => {
        entry.end = { tookMs: since(atMs), failure, ...timesOf(request) }
      },
    }
  },
}

function timesOf({ workMs, waitMs, throttleTimeMs }: RequestContext) {
  return { workMs, waitMs, throttleTimeMs }
}

const options = { permissions: [] }
const handlers: Handler[] = [
  defineHandler(
    FetchRequest,
    FetchResponse,
    { ...options, versions: '0-18', stage: 'read' },
    async (_request, context) => {
      await time.advance(5)
      context.enter('wait')
      await time.advance(70)
      context.enter('work')
      await time.advance(3)
      context.throttle({ waitMs: 40, remainingMs: () => 0 })
      return { errorCode: 0, sessionId: 0, responses: [] }
    },
  ),
  defineHandler(
    HeartbeatRequest,
    HeartbeatResponse,
    { ...options, versions: '0-4', stage: 'ordered' },
    async ({ groupId }) => {
      await time.advance(20)
      if (groupId === 'refused') throw new CloseConnection('not wanted')
      return { errorCode: 0 }
    },
  ),
]

let running: TestServer | undefined
let connected: RawClient | undefined

afterEach(async () => {
  traced.length = 0
  await connected?.close()
  await running?.server.stop(0)
})

async function connect() {
  running = await startTestServer({ handlers, tracer, clock: time.clock, timers: time.timers })
  connected = await connectRaw(running.port)
  return { client: connected, apis: running.server.stats.apis }
}

const heartbeat = (groupId: string) => ({ groupId, generationId: 1, memberId: '' })

it('a read tells its waiting from its reading, and what the client was told', async () => {
  const { client, apis } = await connect()
  await client.send(FetchRequest, FetchResponse, 12, { maxWaitMs: 0, minBytes: 0, topics: [] })
  await until(() => traced[0]?.end !== null)
  expect(traced).toEqual([
    {
      api: 'Fetch',
      passed: [
        ['wait', 5],
        ['work', 75],
        ['send', 78],
      ],
      end: { tookMs: 78, failure: undefined, workMs: 8, waitMs: 70, throttleTimeMs: 40 },
    },
  ])
  const { work, wait, throttle, total } = apis.get(FetchRequest.apiKey) ?? {}
  expect([work?.sumMs, wait?.sumMs, throttle?.sumMs, total?.sumMs]).toEqual([8, 70, 40, 78])
})

it('other requests wait from their first await on', async () => {
  const { client } = await connect()
  await client.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('mine'))
  await until(() => traced[0]?.end !== null)
  expect(traced[0]).toMatchObject({
    passed: [
      ['wait', 0],
      ['work', 20],
      ['send', 20],
    ],
    end: { workMs: 0, waitMs: 20, failure: undefined },
  })
})

it('a request without an answer says why', async () => {
  const { client } = await connect()
  await expect(
    client.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('refused')),
  ).rejects.toThrow()
  expect(traced[0]).toMatchObject({ end: { tookMs: 20, failure: 'not wanted' } })
})

it('the newest traced request of each doubling of the duration can be found again', async () => {
  const { client, apis } = await connect()
  const stats = apis.get(HeartbeatRequest.apiKey)
  await client.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('mine'))
  await client.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat('mine'))
  await until(() => stats?.total.count === 2)
  expect([...(stats?.exemplars.all() ?? [])]).toEqual([
    { traceId: '0123456789abcdef0123456789abcdef', valueMs: 20, atMs: time.clock.now() },
  ])
})

/** The socket takes what was written at its own time; there is no event to wait for. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
