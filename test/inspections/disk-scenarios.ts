import { seededRandom, silentLogger, systemTimers } from '../../kit/index.ts'
import { renderFamilies } from '../../monitor/metrics/index.ts'
import {
  ensureProbeTopic,
  findProbeEndpoint,
  openKafkaLink,
  Probe,
} from '../../monitor/probe/index.ts'
import type { RawClient } from '../support/client.ts'
import type { InspectedBroker } from '../support/inspected-broker.ts'
import { produce } from '../support/kafka-acts.ts'

/** What goes wrong with a disk, with the history, with the probe: one after the other, each alone. */
export interface DiskScenario {
  readonly check: string
  readonly resource: string
  cause(world: InspectedBroker, client: RawClient): Promise<void>
  readonly mend: 'apply' | ((world: InspectedBroker, client: RawClient) => Promise<void>)
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const SLOW_SYNC_MS = 150
const PROBE_TOPIC = 'probed'
const PROBE_TIMEOUT_MS = 10_000

let probe: Probe | null = null

/** So many writes, each with an fdatasync of its own. */
async function writeOneByOne(client: RawClient, count: number): Promise<void> {
  for (let done = 0; done < count; done++) await produce(client, 'growing')
}

/** Seven megabytes in each of some hours. */
async function grow(world: InspectedBroker, client: RawClient, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    await produce(client, 'growing', { requests: 14, records: 5, valueBytes: 100_000 })
    await world.pass(HOUR_MS, 2)
  }
}

async function rounds(world: InspectedBroker, count: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    await probe?.round()
    await world.pass(MINUTE_MS)
  }
}

function startProbe(world: InspectedBroker): Probe {
  const { admin, clock } = world
  const started = new Probe(
    { intervalMs: 1_000, timeoutMs: PROBE_TIMEOUT_MS },
    {
      ...{ clock, timers: systemTimers, random: seededRandom(3), logger: silentLogger },
      async open(onRecord) {
        await ensureProbeTopic(admin, PROBE_TOPIC)
        const endpoint = await findProbeEndpoint(admin, null)
        const route = { topic: PROBE_TOPIC, group: 'probing', timeoutMs: PROBE_TIMEOUT_MS }
        return openKafkaLink(endpoint, route, onRecord)
      },
    },
  )
  world.addSeries(() => renderFamilies(started.stats.families()))
  return started
}

export async function stopProbe(): Promise<void> {
  await probe?.stop()
}

export const DISK_SCENARIOS: readonly DiskScenario[] = [
  {
    ...{ check: 'slow-fsync', resource: 'journal' },
    async cause(world, client) {
      world.disk.plan = ({ kind, path }) =>
        kind === 'sync' && path.includes('journal')
          ? { kind: 'proceed', delayMs: SLOW_SYNC_MS }
          : { kind: 'proceed' }
      await writeOneByOne(client, 25)
      await world.pass(MINUTE_MS)
    },
    async mend(world, client) {
      world.disk.plan = () => ({ kind: 'proceed' })
      await world.pass(11 * MINUTE_MS, 6)
      await writeOneByOne(client, 25)
      await world.pass(MINUTE_MS)
    },
  },
  {
    ...{ check: 'retention-against-growth', resource: 'growing' },
    async cause(world, client) {
      await produce(client, 'growing', { requests: 8, records: 5, valueBytes: 100_000 })
      await world.pass(MINUTE_MS)
    },
    mend: 'apply',
  },
  {
    ...{ check: 'disk-forecast', resource: 'data' },
    async cause(world, client) {
      await world.call('PATCH', '/v1/topics/growing', { configs: { 'retention.ms': null } })
      await grow(world, client, 8)
    },
    mend: 'apply',
  },
  {
    ...{ check: 'disk-usage', resource: 'data' },
    async cause(world) {
      const { usedBytes, floorBytes } = (await world.call('GET', '/v1/disk-capacity')) as {
        usedBytes: number
        floorBytes: number
      }
      const capacityBytes = Math.ceil(usedBytes / 0.88) + floorBytes
      await world.call('PUT', '/v1/disk-capacity', { capacityBytes })
    },
    mend: 'apply',
  },
  {
    ...{ check: 'deleted-topics-hold-space', resource: 'discarded' },
    async cause(world, client) {
      await world.call('PUT', '/v1/disk-capacity', { capacityBytes: null })
      await world.call('POST', '/v1/topics', { name: 'discarded', partitions: 1 })
      await produce(client, 'discarded', { requests: 10, records: 5, valueBytes: 150_000 })
      await world.call('DELETE', '/v1/topics/discarded')
    },
    mend: 'apply',
  },
  {
    ...{ check: 'unsigned-history', resource: 'history' },
    async cause(world) {
      world.disk.plan = ({ kind, path }) =>
        kind === 'write' && path.includes('audit/checkpoint')
          ? { kind: 'error', code: 'EIO' }
          : { kind: 'proceed' }
      await world.call('PATCH', '/v1/configs', { configs: { 'num.partitions': '2' } })
      await world.pass(12 * MINUTE_MS, 3)
    },
    async mend(world) {
      world.disk.plan = () => ({ kind: 'proceed' })
    },
  },
  {
    ...{ check: 'probe-failing', resource: 'probe' },
    async cause(world) {
      probe = startProbe(world)
      await rounds(world, 2)
      const configs = { 'max.message.bytes': '1' }
      await world.call('PATCH', `/v1/topics/${PROBE_TOPIC}`, { configs })
      await rounds(world, 3)
    },
    async mend(world) {
      const configs = { 'max.message.bytes': null }
      await world.call('PATCH', `/v1/topics/${PROBE_TOPIC}`, { configs })
      await rounds(world, 13)
    },
  },
]
