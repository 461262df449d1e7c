import { describe, expect, it } from 'vitest'
import type { SimDisk } from '../kit/testing.ts'
import { createSimDisk, createSimTime, MUTATING_CALLS } from '../kit/testing.ts'
import type { Operation } from './operation.ts'
import { openPipeline } from './testing.ts'

describe('operations', () => {
  it('come once they are durable, and are told again until somebody has them, over restarts too', async () => {
    const time = createSimTime()
    const disk = createSimDisk()
    const observe = () => Promise.reject(new Error('the outbox is full'))
    const first = await openPipeline(undefined, { time, disk, observe })
    await first.pipeline.tickets.open({ title: 'one' }, 'kim')
    await time.advance(2_500)
    expect(first.operations.length).toBeGreaterThan(1)
    await first.pipeline.stop()
    const again = await openPipeline(undefined, { time, disk })
    await time.advance(3_000)
    expect(again.operations).toEqual([first.operations[0]])
    await again.pipeline.stop()
    const last = await openPipeline(undefined, { time, disk })
    await time.advance(3_000)
    expect(last.operations).toEqual([])
  })

  it('and what they tell of are both there after a kill, or neither', async () => {
    const calls = await openTicketAndDie(null)
    expect(calls).toBeGreaterThan(3)
    const seen = new Set<string>()
    for (let at = 1; at <= calls; at++) {
      for (const when of ['before', 'during', 'after'] as const) {
        const found: Operation[] = []
        const { disk, time } = await killedAt({ at, when }, found)
        const after = await openPipeline(undefined, { disk, time })
        await time.advance(2_000)
        const tickets = after.pipeline.tickets.all().length
        const told = new Set([...found, ...after.operations].map(({ id }) => id)).size
        expect(told, JSON.stringify({ at, when })).toBe(tickets)
        seen.add(String(tickets))
      }
    }
    expect([...seen].sort()).toEqual(['0', '1'])
  })
})

type Kill = { readonly at: number; readonly when: 'before' | 'during' | 'after' } | null

async function openTicketAndDie(kill: Kill): Promise<number> {
  return (await killedAt(kill, [])).calls
}

async function killedAt(kill: Kill, found: Operation[]) {
  const time = createSimTime()
  const disk: SimDisk = createSimDisk({ seed: 4 })
  let calls = 0
  disk.plan = ({ kind }) => {
    if (!MUTATING_CALLS.has(kind) || ++calls !== kill?.at) return { kind: 'proceed' }
    return { kind: 'stop', when: kill.when }
  }
  const run = async () => {
    const { pipeline, operations } = await openPipeline(undefined, { time, disk })
    await pipeline.tickets.open({ title: 'one' }, 'kim')
    await time.advance(2_000)
    found.push(...operations)
  }
  await Promise.race([run(), time.advance(10_000)])
  await time.settle()
  return { time, calls, disk: kill === null ? disk : disk.afterCrash({ kind: 'process-kill' }) }
}
