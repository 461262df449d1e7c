import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { seededRandom, silentLogger, systemTimers } from '../../kit/index.ts'
import type { InspectedBroker } from '../../test/support/inspected-broker.ts'
import { startInspectedBroker } from '../../test/support/inspected-broker.ts'
import { ensureProbeTopic, findProbeEndpoint, openKafkaLink, Probe } from './index.ts'

const TOPIC = '__glasslog_probe'
const TIMEOUT_MS = 10_000

let world: InspectedBroker
let probe: Probe

function createProbe(timeoutMs = TIMEOUT_MS): Probe {
  const { admin, clock } = world
  return new Probe(
    { intervalMs: 1_000, timeoutMs },
    {
      ...{ clock, timers: systemTimers, random: seededRandom(7), logger: silentLogger },
      async open(onRecord) {
        await ensureProbeTopic(admin, TOPIC)
        return openKafkaLink(await findProbeEndpoint(admin, null), TOPIC, timeoutMs, onRecord)
      },
    },
  )
}

beforeEach(async () => {
  world = await startInspectedBroker()
  probe = createProbe()
})
afterEach(async () => {
  await probe.stop()
  await world.stop()
})

/** Values of what is counted, and counts of what is measured, by family. */
function values(): Record<string, number> {
  return Object.fromEntries(
    probe.stats.families().map((family) => {
      const [sample] = family.samples()
      const value = sample === undefined ? 0 : 'value' in sample ? sample.value : sample.count
      return [family.name.replace('glasslog_probe_', ''), value]
    }),
  )
}

it('sends records through a topic of its own, which the history has', async () => {
  // The first record may go out before the consumer has its partition: it counts as lost, no more.
  await probe.round()
  const before = values()
  await probe.round()
  await probe.round()
  await vi.waitFor(() =>
    expect(values()).toEqual({
      messages_produced_total: 3,
      messages_failed_total: before.messages_failed_total,
      messages_received_total: (before.messages_received_total ?? 0) + 2,
      messages_lost_total: before.messages_lost_total,
      produce_duration_seconds: (before.produce_duration_seconds ?? 0) + 2,
      roundtrip_duration_seconds: (before.roundtrip_duration_seconds ?? 0) + 2,
      up: 1,
    }),
  )
  const { records } = (await world.call('GET', '/v1/audit?operation=topic.create')) as {
    records: { resource: { name: string }; reason: string }[]
  }
  expect(records.find(({ resource }) => resource.name === TOPIC)?.reason).toMatch(/probe/)
})

it('counts what a broker refuses as failed, and comes back when it takes records again', async () => {
  await probe.round()
  await world.call('PATCH', `/v1/topics/${TOPIC}`, { configs: { 'max.message.bytes': '1' } })
  const { messages_failed_total: failed = 0 } = values()
  await probe.round()
  expect(values()).toMatchObject({ messages_failed_total: failed + 1, up: 0 })
  await world.call('PATCH', `/v1/topics/${TOPIC}`, { configs: { 'max.message.bytes': null } })
  await vi.waitFor(
    async () => {
      await probe.round()
      expect(values().up).toBe(1)
    },
    { timeout: 15_000 },
  )
}, 30_000)

it('counts a broker that is gone as failed, and does not wait for it for ever', async () => {
  await probe.round()
  await world.broker.stop()
  const before = values()
  await probe.round()
  expect(values().messages_failed_total).toBe((before.messages_failed_total ?? 0) + 1)
  expect(values().up).toBe(0)
}, 30_000)
