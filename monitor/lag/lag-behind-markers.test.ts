import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { silentLogger } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import { AdminClient } from '../cluster/index.ts'
import type { PartitionLag } from './group-lag.ts'
import { LagTracker } from './lag-tracker.ts'

/** A group that has read what there is, but for the ends of transactions, which no consumer is given. */

const LOOK_MS = 15_000

type Kind = 'record' | 'control'

interface World {
  /** What lies behind the commit, from its offset on. */
  behind: Kind[]
  committedOffset: number
  /** Requests for records. */
  readonly asked: string[]
  /** Time passes, and the group is looked at; `times` times. */
  look(times?: number): Promise<PartitionLag | undefined>
}

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A broker's admin API, as far as it is asked, with one group on one partition that commits nothing from now on. */
async function openWorld(behind: Kind[], recordsStatus = 200): Promise<World> {
  const time = createSimTime()
  const startedAtMs = time.clock.now()
  const committedAt = new Date(startedAtMs).toISOString()
  const asked: string[] = []
  const answerOf = (url: URL): object => {
    const { committedOffset: offset, behind: kinds } = world
    if (url.pathname === '/v1/groups') return { groups: [{ group: 'billing' }], next: null }
    if (url.pathname !== '/v1/groups/billing') {
      const limit = Number(url.searchParams.get('limit'))
      asked.push(
        `${url.pathname} ${url.searchParams.get('partition')}@${url.searchParams.get('offset')}`,
      )
      const records = kinds.slice(0, limit).map((kind) => ({ kind }))
      return { records, next: kinds.length > limit ? 'more' : null }
    }
    const endOffset = offset + kinds.length
    const place = { topic: 'orders', partition: 3, logStartOffset: 0, endOffset }
    const offsets = [{ ...place, offset, committedAt, lag: kinds.length }]
    return { group: 'billing', state: 'Stable', members: 1, offsets }
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://broker')
    const status = url.pathname.endsWith('/records') ? recordsStatus : 200
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answerOf(url)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const none = async () => []
  const tracker = new LagTracker({
    admin: new AdminClient(async () => ({ url, token: 't' })),
    ...{ query: { instant: none, range: none }, clock: time.clock, logger: silentLogger },
  })
  const world: World = {
    ...{ behind, committedOffset: 100, asked },
    async look(times = 1) {
      for (let look = 0; look < times; look++) {
        await time.advance(LOOK_MS)
        await tracker.look()
      }
      return tracker.get('billing')?.partitions[0]
    },
  }
  return world
}

it('is not stopped', async () => {
  const world = await openWorld(['control'])
  expect(await world.look(4)).toMatchObject({ status: 'OK', lagRecords: 0, lagSeconds: 0 })
})

it('is stopped when there is one record to read', async () => {
  const world = await openWorld(['control', 'record', 'control'])
  expect(await world.look(4)).toMatchObject({ status: 'STOP', lagRecords: 3 })
})

it('was caught up, so that what comes next may wait for a while before it is stopped', async () => {
  const world = await openWorld(['control'])
  await world.look(4)
  world.behind = ['control', 'record', 'record']
  expect(await world.look(1)).toMatchObject({ status: 'OK', lagRecords: 3 })
  // The records, not the marker before them, have waited: they came between three looks and two looks ago.
  const waitedSeconds = (await world.look(2))?.lagSeconds ?? 0
  expect(waitedSeconds).toBeGreaterThanOrEqual(30)
  expect(waitedSeconds).toBeLessThanOrEqual(45)
})

it('is stopped when nobody reads what came after the markers', async () => {
  const world = await openWorld(['control'])
  await world.look(4)
  world.behind = ['control', 'record', 'record']
  expect(await world.look(12)).toMatchObject({ status: 'STOP' })
})

it('is looked into once for each place at which it stands, and not while it moves', async () => {
  const world = await openWorld(['control'])
  await world.look(1)
  expect(world.asked).toEqual([])
  await world.look(5)
  expect(world.asked).toEqual(['/v1/topics/orders/records 3@100'])
  world.behind = ['control', 'control']
  await world.look(5)
  expect(world.asked).toHaveLength(2)
})

it('is not looked into when much lies behind its commit', async () => {
  const world = await openWorld(Array.from({ length: 11 }, () => 'control'))
  expect(await world.look(4)).toMatchObject({ status: 'STOP' })
  expect(world.asked).toEqual([])
})

it('counts as before where the broker shows no records', async () => {
  const world = await openWorld(['control'], 403)
  expect(await world.look(4)).toMatchObject({ status: 'STOP', lagRecords: 1 })
})
