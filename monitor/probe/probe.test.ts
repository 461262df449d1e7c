import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Logger } from '../../kit/index.ts'
import { seededRandom, silentLogger, systemTimers } from '../../kit/index.ts'
import { createCertificateAuthority } from '../../test/support/certificates.ts'
import type { InspectedBroker } from '../../test/support/inspected-broker.ts'
import { startInspectedBroker } from '../../test/support/inspected-broker.ts'
import { ensureProbeTopic, findProbeEndpoint, openKafkaLink, Probe, probeGroup } from './index.ts'

const TOPIC = '__glasslog_probe'
const TIMEOUT_MS = 10_000
const KEYSTORE = '/config/broker.pem'

const told: unknown[] = []
const logger: Logger = {
  ...silentLogger,
  info: () => void told.push('up'),
  warn: (fields: unknown) => void told.push((fields as { reason: string }).reason),
}

let world: InspectedBroker
let probe: Probe

function createProbe(timeoutMs = TIMEOUT_MS, instance = '0123456789abcdef'): Probe {
  const { clock } = world
  return new Probe(
    { intervalMs: 1_000, timeoutMs },
    {
      ...{ clock, timers: systemTimers, random: seededRandom(7), logger },
      async open(onRecord) {
        await ensureProbeTopic(world.admin, TOPIC)
        const route = { topic: TOPIC, group: probeGroup(instance), timeoutMs }
        return openKafkaLink(await findProbeEndpoint(world.admin, null), route, onRecord)
      },
    },
  )
}

beforeEach(async () => {
  told.length = 0
  world = await startInspectedBroker()
  probe = createProbe()
})
afterEach(async () => {
  await probe.stop()
  await world.stop()
})

/** How often each reason was counted, as far as it was. */
function reasons(): Record<string, number> {
  const counted = [...probe.stats.failures.samples()].map((one) => [
    one.labels.reason,
    'value' in one ? one.value : 0,
  ])
  return Object.fromEntries(counted.filter(([, value]) => value !== 0))
}

/** Values of what is counted, and counts of what is measured, by family. */
function values(): Record<string, number> {
  return Object.fromEntries(
    probe.stats.families().map((family) => {
      const each = [...family.samples()]
      const value = each.reduce((sum, one) => sum + ('value' in one ? one.value : one.count), 0)
      return [family.name.replace('glasslog_probe_', ''), value]
    }),
  )
}

it('sends records through a topic of its own, which the history has', async () => {
  for (let count = 0; count < 3; count++) await probe.round()
  expect(values()).toEqual({
    ...{ messages_produced_total: 3, messages_failed_total: 0 },
    ...{ messages_received_total: 3, messages_lost_total: 0 },
    ...{ produce_duration_seconds: 3, roundtrip_duration_seconds: 3, up: 1, failures_total: 0 },
  })
  const { records } = (await world.call('GET', '/v1/audit?operation=topic.create')) as {
    records: { resource: { name: string }; reason: string }[]
  }
  expect(records.find(({ resource }) => resource.name === TOPIC)?.reason).toMatch(/probe/)
})

it('gets its own records back beside the probe of another monitor', async () => {
  const other = createProbe(TIMEOUT_MS, 'fedcba9876543210')
  try {
    for (let count = 0; count < 3; count++) await Promise.all([probe.round(), other.round()])
    for (const { stats } of [probe, other])
      expect(stats).toMatchObject({ produced: 3, received: 3, failed: 0, lost: 0 })
  } finally {
    await other.stop()
  }
}, 60_000)

it('counts what a broker refuses as failed, and comes back when it takes records again', async () => {
  await probe.round()
  await world.call('PATCH', `/v1/topics/${TOPIC}`, { configs: { 'max.message.bytes': '1' } })
  const { messages_failed_total: failed = 0 } = values()
  await probe.round()
  expect(values()).toMatchObject({ messages_failed_total: failed + 1, up: 0 })
  expect(reasons()).toEqual({ refused: failed + 1 })
  await world.call('PATCH', `/v1/topics/${TOPIC}`, { configs: { 'max.message.bytes': null } })
  await vi.waitFor(
    async () => {
      await probe.round()
      expect(values().up).toBe(1)
    },
    { timeout: 15_000 },
  )
}, 30_000)

it('goes through TLS with whatever certificate the broker has', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'glasslog-probe-'))
  try {
    const { path } = createCertificateAuthority(directory).issue('broker', '/CN=kafka.example')
    await world.stop()
    world = await startInspectedBroker({
      overrides: {
        listeners: 'SECURE://127.0.0.1:0',
        'listener.security.protocol.map': 'SECURE:SSL',
        'ssl.keystore.location': KEYSTORE,
      },
      files: { [KEYSTORE]: readFileSync(path, 'utf8') },
    })
    await probe.round()
    expect(probe.stats).toMatchObject({ produced: 1, received: 1, isUp: true })
  } finally {
    rmSync(directory, { recursive: true })
  }
}, 30_000)

it('opens a new link for all rounds when one fails, and closes the old one once', async () => {
  const { clock } = world
  let links = 0
  let closed = 0
  const arrivals: (() => void)[] = []
  const parts = { clock, timers: systemTimers, random: seededRandom(7), logger: silentLogger }
  const own = new Probe(
    { intervalMs: 1_000, timeoutMs: TIMEOUT_MS },
    {
      ...parts,
      async open(onRecord) {
        const isFirst = ++links === 1
        return {
          async send(text) {
            if (!isFirst) return onRecord(text)
            await new Promise<void>((_, reject) => arrivals.push(() => reject(new Error('gone'))))
          },
          // A broker that hangs is not said goodbye to.
          close: () => (isFirst ? new Promise<void>(() => {}) : Promise.resolve(void closed++)),
        }
      },
    },
  )
  const [first, second] = [own.round(), own.round()]
  await vi.waitFor(() => expect(arrivals).toHaveLength(2))
  arrivals[0]?.()
  await first
  await own.round()
  arrivals[1]?.()
  await second
  await own.round()
  expect(own.stats).toMatchObject({ produced: 4, failed: 2, received: 2, lost: 0, isUp: true })
  expect({ links, closed }).toEqual({ links: 2, closed: 0 })
})

it('counts a broker that is gone as failed, and does not wait for it for ever', async () => {
  await probe.round()
  await world.broker.stop()
  const before = values()
  await probe.round()
  expect(values().messages_failed_total).toBe((before.messages_failed_total ?? 0) + 1)
  expect(values().up).toBe(0)
  expect(reasons()).toEqual({ connection: 1 })
  // One line for each change, however many rounds it lasts.
  await probe.round()
  expect(reasons()).toEqual({ connection: 2 })
  expect(told).toEqual(['up', 'connection'])
}, 30_000)
