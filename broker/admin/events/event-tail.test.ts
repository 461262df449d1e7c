import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestBroker } from '../../../test/support/test-broker.ts'
import { startTestBroker } from '../../../test/support/test-broker.ts'
import { EVENTS_TOPIC } from '../../control/index.ts'
import type { PartitionLog } from '../../log/index.ts'
import { eventFilter } from './event-filter.ts'
import { EventTail, HEARTBEAT_MS, STALLED_MS } from './event-tail.ts'

let broker: TestBroker
let log: PartitionLog
let ended: number
let isAllowed: boolean
beforeEach(async () => {
  isAllowed = true
  ended = 0
  broker = await startTestBroker()
  const found = broker.store.find(EVENTS_TOPIC.id, 0)
  if (!found) throw new Error('there is no log of events')
  log = found
})
afterEach(() => broker.stop())

function open(position = log.highWatermark): EventTail {
  return new EventTail({
    ...{ store: broker.store, log, ...broker.time, filter: eventFilter({}), position },
    mayGoOn: () => isAllowed,
    onEnd: () => {
      ended++
    },
  })
}

async function happen(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    broker.eventLog.sink({
      ...{ kind: 'slow-client', severity: 'info', explanation: 'x'.repeat(490), remedy: '' },
      ...{ resource: { kind: 'address', name: `10.0.0.${n}` }, facts: {}, count: 1 },
      ...{ firstAtMs: 0, lastAtMs: 0 },
    })
  }
  await broker.time.advance(5_000)
}

describe('a reader that takes nothing', () => {
  it('has next to nothing kept for it in memory, and gets all once it reads', async () => {
    const tail = open()
    tail.stream.on('readable', () => {})
    await happen(1000)
    expect(log.highWatermark).toBe(1000)
    expect(tail.stream.readableLength).toBeLessThan(128 * 1024)
    let text = ''
    tail.stream.removeAllListeners('readable')
    tail.stream.on('data', (chunk) => {
      text += String(chunk)
    })
    await expect.poll(() => text.match(/^data: /gm)?.length).toBe(1000)
    tail.stream.destroy()
  })

  it('is cut off after a while', async () => {
    const tail = open()
    tail.stream.on('readable', () => {})
    await happen(1000)
    await broker.time.advance(STALLED_MS - HEARTBEAT_MS)
    expect(tail.stream.destroyed).toBe(false)
    await broker.time.advance(3 * HEARTBEAT_MS)
    expect(tail.stream.destroyed).toBe(true)
    await expect.poll(() => ended).toBe(1)
  })
})

it('does not keep the place of a reader that is told to go and takes nothing', async () => {
  const tail = open()
  tail.stream.on('readable', () => {})
  await happen(1000)
  isAllowed = false
  await broker.time.advance(HEARTBEAT_MS)
  expect(tail.stream.destroyed).toBe(false)
  await broker.time.advance(STALLED_MS + HEARTBEAT_MS)
  expect(tail.stream.destroyed).toBe(true)
  await expect.poll(() => ended).toBe(1)
})

it('tells a reader of what retention took before it came to it', async () => {
  await happen(10)
  const trimming = broker.store.trim(log, 6)
  await broker.time.advance(1000)
  await trimming
  const tail = open(2)
  let text = ''
  tail.stream.on('data', (chunk) => {
    text += String(chunk)
  })
  await expect.poll(() => text).toContain('event: gap\ndata: {"from":2,"to":6}\n\n')
  await expect
    .poll(() => text.match(/^id: \d+(?=\ndata)/gm))
    .toEqual([6, 7, 8, 9].map((id) => `id: ${id}`))
  tail.stream.destroy()
})
