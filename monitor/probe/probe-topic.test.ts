import { afterEach, expect, it } from 'vitest'
import { seededRandom, silentLogger, systemTimers } from '../../kit/index.ts'
import type { InspectedBroker } from '../../test/support/inspected-broker.ts'
import { startInspectedBroker } from '../../test/support/inspected-broker.ts'
import { ensureProbeTopic, findProbeEndpoint, openKafkaLink, Probe } from './index.ts'

let world: InspectedBroker | undefined
afterEach(() => world?.stop())

it('needs a login where every listener asks for one, and comes in by it', async () => {
  world = await startInspectedBroker({
    overrides: {
      listeners: 'LOGIN://127.0.0.1:0',
      'listener.security.protocol.map': 'LOGIN:SASL_PLAINTEXT',
    },
  })
  const { admin, clock } = world
  await expect(findProbeEndpoint(admin, null)).rejects.toThrow('monitor-probe-user')
  await world.call('PUT', '/v1/users/prober', { password: 'correct horse' })
  const login = { user: 'prober', password: 'correct horse' }
  const endpoint = await findProbeEndpoint(admin, login)
  expect(endpoint).toMatchObject({ isTls: false, login })
  await ensureProbeTopic(admin, 'probed')
  const probe = new Probe(
    { intervalMs: 1_000, timeoutMs: 10_000 },
    {
      ...{ clock, timers: systemTimers, random: seededRandom(1), logger: silentLogger },
      open: (onRecord) =>
        openKafkaLink(endpoint, { topic: 'probed', group: 'probing', timeoutMs: 10_000 }, onRecord),
    },
  )
  await expect
    .poll(() => probe.round().then(() => probe.stats.isUp), { timeout: 15_000 })
    .toBe(true)
  await probe.stop()
}, 30_000)
