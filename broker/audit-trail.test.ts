import { expect, it } from 'vitest'
import { HistoryTrail } from '../audit/index.ts'
import { seededRandom, silentLogger } from '../kit/index.ts'
import { AuditTrail, defaultAuditSettings } from './audit-trail.ts'
import { ControlWorld, createTopic } from './control/testing.ts'
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
