import { describe, expect, it } from 'vitest'
import { HistoryTrail } from '../audit/index.ts'
import { seededRandom, silentLogger } from '../kit/index.ts'
import { AuditTrail, defaultAuditSettings } from './audit-trail.ts'
import { alice, ControlWorld, createTopic, recordsOf } from './control/testing.ts'
import type { MetricSources } from './telemetry/index.ts'
import { metricFamilies } from './telemetry/index.ts'

/** glasslog_history_* by name and target. */
function metricsOf(audit: AuditTrail): Readonly<Record<string, number>> {
  const families = metricFamilies({ audit } as unknown as MetricSources)
  const values: Record<string, number> = {}
  for (const family of families) {
    if (family.movedBy !== 'broker/audit-trail.test.ts' || family.type === 'histogram') continue
    for (const { value } of family.samples()) values[family.name] = value
  }
  return values
}

it('tells how far signatures, other places and other systems are', async () => {
  const world = await ControlWorld.open()
  const { disk, time, control } = world
  const platform = { disk, ...time, random: seededRandom(5), logger: silentLogger }
  const trail = await HistoryTrail.open({
    ...{ history: control.history, directory: '/data/audit' },
    ...platform,
  })
  const audit = await AuditTrail.open(control, trail, {
    dataDirectory: '/data',
    settings: {
      ...defaultAuditSettings,
      // No directory is there, and nobody listens.
      checkpointFile: '/elsewhere/checkpoints',
      push: { url: 'http://127.0.0.1:1/', format: 'ocsf', authorization: null },
    },
    ...platform,
  })
  await world.run(createTopic('a'))
  await time.advance(4000)
  const before = metricsOf(audit)
  expect(before.glasslog_history_signed_records).toBe(0)
  expect(before.glasslog_history_unsigned_seconds).toBe(4)
  expect(before.glasslog_history_checkpoint_timestamp_seconds).toBeUndefined()
  expect(before.glasslog_history_push_queue_records).toBeGreaterThan(0)
  await time.advance(10_000)
  await expect.poll(() => metricsOf(audit).glasslog_history_push_failures_total).toBeGreaterThan(0)
  const after = metricsOf(audit)
  expect(after.glasslog_history_signed_records).toBe(control.history.nextSeq)
  expect(after.glasslog_history_unsigned_seconds).toBe(0)
  expect(after.glasslog_history_checkpoint_timestamp_seconds).toBeGreaterThan(
    time.clock.now() / 1000 - 11,
  )
  expect(after.glasslog_history_published_records).toBe(0)
  expect(after.glasslog_history_publish_failures_total).toBeGreaterThan(0)
  expect(after.glasslog_history_sign_failures_total).toBe(0)
  await audit.stop()
  await world.stop()
})

describe('a rotation of the key', () => {
  async function openTrail() {
    const isMay = { value: true }
    const world = await ControlWorld.open({
      authorizer: () => ({
        authorize: () => ({ allowed: isMay.value, rule: isMay.value ? 'rule' : 'no-rule' }),
      }),
    })
    const { disk, time, control } = world
    const platform = { disk, ...time, random: seededRandom(5), logger: silentLogger }
    const trail = await HistoryTrail.open({
      ...{ history: control.history, directory: '/data/audit' },
      ...platform,
    })
    const options = { dataDirectory: '/data', settings: defaultAuditSettings, ...platform }
    const audit = await AuditTrail.open(control, trail, options)
    const files = async (): Promise<readonly string[]> => {
      const names = (await disk.list('/data/audit')).filter((name) => name.includes('key'))
      return [...names].sort()
    }
    const stop = async (): Promise<void> => {
      await audit.stop()
      await world.stop()
    }
    return { world, audit, disk, files, stop, isMay }
  }

  it('that is only tried changes nothing, and says what would come of it', async () => {
    const { world, audit, files, stop } = await openTrail()
    const before = [world.control.state.auditKey, world.control.state.seq, await files()]
    const outcome = await audit.rotateKey(alice, { dryRun: true })
    expect(outcome).toMatchObject({
      error: 'NONE',
      seq: -1,
      after: { verifierKey: expect.any(String) },
    })
    expect([world.control.state.auditKey, world.control.state.seq, await files()]).toEqual(before)
    expect(await audit.rotateKey(alice, { dryRun: false })).toMatchObject({ error: 'NONE' })
    expect(world.control.state.auditKey).not.toBe(before[0])
    await stop()
  })

  it('writes no key for who may not, and leaves a record of the attempt', async () => {
    const { world, audit, disk, files, stop, isMay } = await openTrail()
    isMay.value = false
    const before = await files()
    const { seq } = world.control.state
    const calls: string[] = []
    disk.plan = ({ kind, path }) => {
      if (path.includes('/audit/')) calls.push(kind)
      return { kind: 'proceed' }
    }
    const denied = { error: 'CLUSTER_AUTHORIZATION_FAILED' }
    expect(await audit.rotateKey(alice, { dryRun: true })).toMatchObject({ ...denied, seq: -1 })
    const outcome = await audit.rotateKey(alice, { dryRun: false, reason: 'mine' })
    expect(outcome).toMatchObject({ ...denied, seq: seq + 1 })
    expect([calls, await files()]).toEqual([[], before])
    expect((await recordsOf(world)).at(-1)).toMatchObject({
      ...{ operation: 'audit.key.rotate', seq: seq + 1, request: {}, reason: 'mine' },
      ...{ actor: { principal: 'User:alice' }, decision: { allowed: false } },
    })
    await stop()
  })
})
