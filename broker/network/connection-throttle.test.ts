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
    let overs = 0
    const throttle = new ConnectionThrottle(time.clock, time.timers, () => overs++)
    return { time, throttle, overs: () => overs }
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

  it('leaves no timer behind when its connection ends', () => {
    const { time, throttle, overs } = open()
    throttle.hold({ waitMs: 1000, remainingMs: () => 1000 })
    throttle.stop()
    expect([throttle.isHeld, overs(), time.pendingTimers]).toEqual([false, 0, 0])
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
