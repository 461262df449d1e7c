import { beforeEach, expect, it } from 'vitest'
import { seededRandom, silentLogger } from '../../../kit/index.ts'
import type { SimTime } from '../../../kit/testing.ts'
import { createSimTime } from '../../../kit/testing.ts'
import { OtlpForwarder } from './otlp-forwarder.ts'
import type { OtlpAnswer } from './otlp-post.ts'

/** A collector that answers by a script, and by 200 when that is over. */
let time: SimTime
let script: (OtlpAnswer | 'away')[]
let bodies: string[]
let forwarder: OtlpForwarder

beforeEach(() => {
  time = createSimTime()
  script = []
  bodies = []
  forwarder = new OtlpForwarder({
    async post(body) {
      bodies.push(body.length > 100 ? `${body.length} bytes` : body.toString())
      const answer = script.shift() ?? { status: 200, retryAfterMs: null }
      if (answer === 'away') throw new Error('connection refused')
      return answer
    },
    ...{ ...time, random: seededRandom(1), logger: silentLogger },
  })
})

const offer = (text: string) => forwarder.offer(Buffer.from(text))
const answer = (status: number, retryAfterMs: number | null = null) => ({ status, retryAfterMs })

it('sends what came together in one request', async () => {
  offer('one,')
  offer('two')
  await time.advance(2_000)
  offer('three')
  await time.advance(2_000)
  expect(bodies).toEqual(['one,two', 'three'])
  expect(forwarder.counts).toEqual({ sent: 3, dropped: 0 })
  expect(forwarder.queueBytes).toBe(0)
})

it('tries again, longer and longer, as long as the collector may come back', async () => {
  script = ['away', answer(503), answer(429)]
  offer('one')
  await time.advance(1_100)
  expect(bodies).toEqual(['one'])
  offer(',two')
  await time.advance(30_000)
  expect(bodies).toEqual(['one', 'one,two', 'one,two', 'one,two'])
  expect(forwarder.counts).toEqual({ sent: 2, dropped: 0 })
})

it('waits for as long as the collector says', async () => {
  script = [answer(429, 60_000)]
  offer('one')
  await time.advance(60_000)
  expect(bodies).toHaveLength(1)
  await time.advance(2_000)
  expect(bodies).toHaveLength(2)
})

it('drops what the collector does not want, and goes on', async () => {
  script = [answer(400)]
  offer('one')
  await time.advance(2_000)
  offer('two')
  await time.advance(2_000)
  expect(bodies).toEqual(['one', 'two'])
  expect(forwarder.counts).toEqual({ sent: 1, dropped: 1 })
})

it('gives up what the collector cannot take for five minutes', async () => {
  script = new Array<'away'>(1000).fill('away')
  offer('one')
  await time.advance(400_000)
  expect(forwarder.counts).toEqual({ sent: 0, dropped: 1 })
  expect(forwarder.queueBytes).toBe(0)
})

it('keeps no more than its bound, the newest', async () => {
  script = ['away']
  const big = Buffer.alloc(1024 * 1024 - 1, 'x')
  for (let count = 0; count < 20; count++) forwarder.offer(big)
  expect(forwarder.queueBytes).toBe(8 * big.length)
  expect(forwarder.counts.dropped).toBe(12)
  await time.advance(60_000)
  expect(forwarder.counts).toEqual({ sent: 8, dropped: 12 })
})

it('drops what is larger than its bound, and nothing else for it', async () => {
  offer('one')
  forwarder.offer(Buffer.alloc(8 * 1024 * 1024 + 1))
  expect(forwarder.counts).toEqual({ sent: 0, dropped: 1 })
  await time.advance(2_000)
  expect(bodies).toEqual(['one'])
})

it('stops at once, and leaves no timer', async () => {
  offer('one')
  forwarder.stop()
  expect(time.pendingTimers).toBe(0)
  offer('two')
  await time.advance(10_000)
  expect(bodies).toEqual([])
  expect(forwarder.counts).toEqual({ sent: 0, dropped: 1 })
})
