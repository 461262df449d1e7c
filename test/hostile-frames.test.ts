import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handlers } from '../broker/handlers/index.ts'
import { seededRandom } from '../kit/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../protocol/index.ts'
import { HostileFrames } from './support/hostile-frames.ts'
import { produceValues } from './support/produce.ts'
import type { TestBroker } from './support/test-broker.ts'
import { startTestBroker } from './support/test-broker.ts'

// Broken and hostile requests over real sockets against the whole Kafka side of the broker. Each is
// answered or ends its connection; none crashes, hangs, or finds a fault of ours. How many are sent
// is set by `GLASSLOG_FUZZ_FRAMES`, from which seed by `GLASSLOG_FUZZ_SEED`.

const FRAMES = Number(process.env.GLASSLOG_FUZZ_FRAMES ?? 3000)
const SEED = Number(process.env.GLASSLOG_FUZZ_SEED ?? 20261120)
const TIMEOUT_MS = 60_000 + FRAMES * 20
/** Connections at once: one that waits for a timer of the broker holds nothing up. */
const LANES = 8

let broker: TestBroker
beforeAll(async () => {
  broker = await startTestBroker({
    configs: { 'socket.request.max.bytes': '1048576', 'num.partitions': '1' },
  })
  await broker.createTopic('t')
})
afterAll(() => broker.stop())

/** Sends one input on a connection of its own; resolves when the broker has closed it. */
async function send(frames: HostileFrames, counts: Map<string, number>): Promise<void> {
  const { kind, bytes } = frames.next()
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const client = await broker.connect()
  client.write(bytes)
  // Nothing more comes, so the broker ends the connection once it has answered what it understood.
  client.end()
  client.resume()
  await client.closed
}

describe('hostile frames', () => {
  it(`${FRAMES} inputs (seed ${SEED})`, { timeout: TIMEOUT_MS }, async () => {
    const frames = new HostileFrames(handlers, 't', SEED, seededRandom(SEED))
    const counts = new Map<string, number>()
    let left = FRAMES
    let lanes = LANES
    const lane = async () => {
      while (left-- > 0) await send(frames, counts)
      lanes--
    }
    const running = Array.from({ length: LANES }, lane)
    // Some requests are sound enough to wait for other members or for time to pass.
    while (lanes > 0) {
      await broker.time.advance(5000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(running)

    const { stats } = broker.server
    expect(counts.size).toBeGreaterThan(8)
    expect(stats.closed['handler-failed']).toBe(0)
    expect(stats.requestsInFlight).toBe(0)
    expect(stats.openConnections).toBe(0)
    expect(stats.closed['malformed-request']).toBeGreaterThan(FRAMES / 20)

    const client = await broker.connect()
    expect((await client.send(ApiVersionsRequest, ApiVersionsResponse, 0, {})).errorCode).toBe(0)
    expect((await produceValues(client, 't', ['still here'])).errorCode).toBe(0)
  })
})
