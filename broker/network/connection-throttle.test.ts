import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  HeartbeatRequest,
  HeartbeatResponse,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import { connectRaw } from '../../test/support/client.ts'
import type { ClientQuota } from '../control/index.ts'
import { quotaEntityKey } from '../control/index.ts'
import type { BrokerServices } from '../handlers/index.ts'
import { defineHandler, handlers as registry } from '../handlers/index.ts'
import { Quotas } from '../quotas/index.ts'
import { ConnectionThrottle } from './connection-throttle.ts'
import type { TestServer } from './testing.ts'
import { startTestServer } from './testing.ts'

describe('a hold', () => {
  const open = () => {
    const time = createSimTime()
    let [overs, looks] = [0, 0]
    const throttle = new ConnectionThrottle(time.clock, time.timers, {
      onOver: () => overs++,
      onLook: () => looks++,
    })
    return { time, throttle, overs: () => overs, looks: () => looks }
  }

  it('ends after its time, once', async () => {
    const { time, throttle, overs } = open()
    throttle.hold({ waitMs: 100, remainingMs: () => 100 })
    await time.advance(99)
    expect([throttle.isHeld, overs()]).toEqual([true, 0])
    await time.advance(1)
    expect([throttle.isHeld, overs(), time.pendingTimers]).toEqual([false, 1, 0])
  })

  it('is the longest of several', async () => {
    const { time, throttle } = open()
    throttle.hold({ waitMs: 100, remainingMs: () => 0 })
    throttle.hold({ waitMs: 300, remainingMs: () => 0 })
    throttle.hold({ waitMs: 200, remainingMs: () => 0 })
    await time.advance(299)
    expect(throttle.isHeld).toBe(true)
    await time.advance(1)
    expect(throttle.isHeld).toBe(false)
  })

  it('is what remains of it when quotas change', async () => {
    const { time, throttle, overs } = open()
    let remainingMs = 50
    throttle.hold({ waitMs: 1000, remainingMs: () => remainingMs })
    throttle.reconsider()
    await time.advance(49)
    expect(throttle.isHeld).toBe(true)
    remainingMs = 0
    throttle.reconsider()
    expect([throttle.isHeld, overs(), time.pendingTimers]).toEqual([false, 1, 0])
    throttle.reconsider()
    expect(overs()).toBe(1)
  })

  it('lets a chunk be taken at its beginning, and every half a minute', async () => {
    const { time, throttle, overs, looks } = open()
    expect(throttle.mayRead).toBe(true)
    throttle.hold({ waitMs: 70_000, remainingMs: () => 70_000 })
    expect(throttle.mayRead).toBe(true)
    throttle.received()
    expect(throttle.mayRead).toBe(false)
    throttle.hold({ waitMs: 70_000, remainingMs: () => 70_000 })
    expect(throttle.mayRead).toBe(false)
    await time.advance(30_000)
    expect([throttle.mayRead, looks()]).toEqual([true, 1])
    throttle.received()
    await time.advance(39_999)
    expect([throttle.isHeld, overs()]).toEqual([true, 0])
    await time.advance(1)
    expect([throttle.isHeld, throttle.mayRead, overs(), looks()]).toEqual([false, true, 1, 2])
  })

  it('ends when a look finds that nothing is owed any more', async () => {
    const { time, throttle, overs } = open()
    let remainingMs = 2 ** 31 - 1
    throttle.hold({ waitMs: remainingMs, remainingMs: () => remainingMs })
    await time.advance(30_000)
    expect(throttle.isHeld).toBe(true)
    remainingMs = 0
    await time.advance(30_000)
    expect([throttle.isHeld, overs(), time.pendingTimers]).toEqual([false, 1, 0])
  })

  it('leaves no timer behind when its connection ends', () => {
    const { time, throttle, overs } = open()
    throttle.hold({ waitMs: 1000, remainingMs: () => 1000 })
    throttle.stop()
    expect([throttle.isHeld, overs(), time.pendingTimers]).toEqual([false, 0, 0])
  })
})

describe('a client that is held for days', () => {
  const DAYS_MS = 2 ** 31 - 1
  let running: TestServer | undefined
  let client: RawClient | undefined
  afterEach(async () => {
    await client?.close()
    await running?.server.stop(0)
  })

  async function heldClient(connectionsMaxIdleMs: number) {
    const time = createSimTime()
    const holding = defineHandler(
      HeartbeatRequest,
      HeartbeatResponse,
      { versions: '0-4', stage: 'ordered', permissions: [] },
      (_, context) => {
        context.throttle({ waitMs: DAYS_MS, remainingMs: () => DAYS_MS })
        return { errorCode: 0 }
      },
    )
    const settings = { connectionsMaxIdleMs }
    running = await startTestServer({ handlers: [holding], settings, ...time })
    const connected = await connectRaw(running.port)
    client = connected
    const ask = () => connected.send(HeartbeatRequest, HeartbeatResponse, 4, heartbeat)
    const answer = await ask()
    expect(answer.throttleTimeMs).toBe(DAYS_MS)
    return { connected, ask, time, server: running.server }
  }
  const heartbeat = { groupId: 'g', generationId: 0, memberId: 'm' }

  it('is seen to hang up', async () => {
    const { connected, server } = await heldClient(-1)
    connected.end()
    await connected.closed
    expect(server.stats.closed.client).toBe(1)
  })

  it('is seen to hang up even if it sent something meanwhile', async () => {
    const { connected, ask, time, server } = await heldClient(-1)
    const bytesBefore = server.stats.bytesIn
    const late = ask()
    while (server.stats.bytesIn === bytesBefore) await turn()
    connected.end()
    await time.advance(30_000)
    expect((await late).errorCode).toBe(0)
    await connected.closed
    expect(server.stats.closed.client).toBe(1)
  })

  it('is idle after as long as others are, whatever it has sent', async () => {
    const { connected, ask, time, server } = await heldClient(60_000)
    const bytesBefore = server.stats.bytesIn
    const unanswered = ask().catch(() => 'closed')
    while (server.stats.bytesIn === bytesBefore) await turn()
    await time.advance(59_000)
    expect(server.stats.openConnections).toBe(1)
    await time.advance(3_000)
    await connected.closed
    expect(await unanswered).toBe('closed')
    expect(server.stats.closed.idle).toBe(1)
  })
})

describe('a client that takes more of the thread than its quota', () => {
  let running: TestServer | undefined
  let client: RawClient | undefined
  afterEach(async () => {
    await client?.close()
    await running?.server.stop(0)
  })

  it('is told to wait, and held for a second at most; a login is free', async () => {
    const time = createSimTime()
    let workedMs = 0
    const clock: Clock = { ...time.clock, monotonicMs: () => time.clock.monotonicMs() + workedMs }
    const entity = { user: 'ANONYMOUS' }
    const quota: ClientQuota = { entity, limits: { request_percentage: 1 } }
    const state = {
      quotas: new Map([[quotaEntityKey(entity), quota]]),
      topicsById: new Map(),
      quotaSeq: 0,
    }
    /** Works for as many milliseconds as the generation says. */
    const working = defineHandler(
      HeartbeatRequest,
      HeartbeatResponse,
      { versions: '0-4', stage: 'ordered', permissions: [] },
      ({ generationId }) => {
        workedMs += generationId
        return { errorCode: 0 }
      },
    )
    running = await startTestServer({
      handlers: [working, ...registry.filter(({ name }) => name === 'ApiVersions')],
      services: { quotas: new Quotas({ state, clock }) } as BrokerServices,
      clock,
      timers: time.timers,
    })
    const connected = await connectRaw(running.port)
    client = connected
    const work = async (generationId: number): Promise<number> => {
      const body = { groupId: 'g', generationId, memberId: 'm' }
      const answer = await connected.send(HeartbeatRequest, HeartbeatResponse, 4, body)
      return answer.throttleTimeMs
    }
    expect(await work(10)).toBe(0)
    expect(await work(1)).toBeGreaterThan(80)
    const logsIn = connected.send(ApiVersionsRequest, ApiVersionsResponse, 3, {
      ...{ clientSoftwareName: 'test', clientSoftwareVersion: '1' },
    })
    await time.advance(100)
    expect((await logsIn).throttleTimeMs).toBe(0)
    expect(await work(500)).toBe(1000)
  })
})
