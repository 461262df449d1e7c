import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CHECKS } from '../../monitor/inspections/index.ts'
import type { RawClient } from '../support/client.ts'
import { connectRaw } from '../support/client.ts'
import type { InspectedBroker } from '../support/inspected-broker.ts'
import { startInspectedBroker } from '../support/inspected-broker.ts'
import { produce } from '../support/kafka-acts.ts'
import { CLIENT_SCENARIOS } from './client-scenarios.ts'
import { DISK_SCENARIOS, stopProbe } from './disk-scenarios.ts'
import { GROUP_SCENARIOS } from './group-scenarios.ts'
import { SAFETY_SCENARIOS } from './safety-scenarios.ts'

/** A broker on a small disk that the test slows, breaks and fills, whose history nobody outside knows. */

const CAPACITY_BYTES = 2 * 1024 ** 3
const INSTALLED_VERSION = '999.0.0'
/** Raised by how a broker is started, and cleared by starting it otherwise. */
const BY_START = ['unpublished-checkpoint', 'version-behind']

let world: InspectedBroker
let client: RawClient

beforeAll(async () => {
  world = await startInspectedBroker({
    capacityBytes: CAPACITY_BYTES,
    overrides: { 'log.retention.check.interval.ms': '50', 'connections.max.idle.ms': '-1' },
    audit: { checkpointMs: 50, checkpointRecords: 1 },
    settings: { version: INSTALLED_VERSION },
  })
  client = await connectRaw(Number(world.kafkaAddress.split(':').at(-1)))
  const configs = { 'segment.bytes': '1048576' }
  await world.call('POST', '/v1/topics', { name: 'growing', partitions: 1, configs })
  await produce(client, 'growing')
  await world.pass(60_000)
}, 30_000)
afterAll(async () => {
  await stopProbe()
  await client.close()
  await world.stop()
})

const found = async (check: string, resource: string) =>
  (await world.inspect()).find((one) => one.check === check && one.resource.name === resource)

describe('an inspection', () => {
  it.each(DISK_SCENARIOS)(
    'finds $check, which its remedy clears',
    async (scenario) => {
      const { check, resource, cause, mend } = scenario
      expect(await found(check, resource)).toBeUndefined()
      await cause(world, client)
      const finding = await found(check, resource)
      expect(finding).toMatchObject({ state: 'open', check })
      expect(finding?.summary).not.toMatch(/NaN|undefined/)
      if (mend === 'apply') {
        const action = finding?.remedy.action
        if (!action) throw new Error(`${check} has no operation`)
        const change = (dryRun: boolean) =>
          world.admin.change(action, { dryRun, reason: check, authorization: null })
        expect(await change(true)).toMatchObject({ status: 200, body: { dryRun: true } })
        expect(await change(false)).toMatchObject({ status: 200, body: { dryRun: false } })
      } else await mend(world, client)
      await vi.waitFor(
        async () => {
          await world.pass(check === 'disk-forecast' ? 3_600_000 : 60_000)
          expect(await found(check, resource)).toBeUndefined()
        },
        { timeout: 20_000, interval: 50 },
      )
    },
    40_000,
  )

  it('finds that nobody outside has the proof, and that another version is installed', async () => {
    const checks = (await world.inspect()).map(({ check }) => check)
    for (const check of BY_START) expect(checks).toContain(check)
    const mended = await startInspectedBroker({ audit: { checkpointFile: '/outside/checkpoints' } })
    const [running] = await mended.query('glasslog_build_info')
    expect(running?.labels.version).not.toBe(INSTALLED_VERSION)
    await vi.waitFor(async () => {
      await mended.call('PATCH', '/v1/configs', { configs: { 'num.partitions': '2' } })
      await mended.pass(60_000)
      expect((await mended.inspect()).filter(({ check }) => BY_START.includes(check))).toEqual([])
    }, 20_000)
    await mended.stop()
  }, 40_000)
})

it('has a scenario for every check', () => {
  const shown = [
    ...CLIENT_SCENARIOS,
    ...GROUP_SCENARIOS,
    ...SAFETY_SCENARIOS,
    ...DISK_SCENARIOS,
  ].map(({ check }) => check)
  expect(CHECKS.map(({ id }) => id).sort()).toEqual([...shown, ...BY_START].sort())
})
