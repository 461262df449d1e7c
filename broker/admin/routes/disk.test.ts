import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

let admin: TestAdmin
beforeAll(async () => {
  admin = await startTestAdmin()
  await admin.broker.time.advance(60_000)
})
afterAll(() => admin.stop())

describe('/v1/disk-capacity', () => {
  it('is what the file system has, until it is set, and again by a rewind', async () => {
    const free = await admin.call('GET /v1/disk-capacity')
    expect(free).toMatchObject({ status: 200, body: { capacityBytes: null } })
    const { usedBytes, freeBytes } = free.body as { usedBytes: number; freeBytes: number }
    const capacityBytes = usedBytes + freeBytes - 1000
    const set = await admin.call('PUT /v1/disk-capacity', { body: { capacityBytes } })
    expect(set).toMatchObject({ status: 200, body: { capacityBytes } })
    expect((await admin.call('GET /v1/disk-capacity')).headers.etag).toBe(set.headers.etag)
    const { seq } = set.body as { seq: number }
    await admin.call('POST /v1/audit/rewind', { body: { undo: [seq] } })
    expect(admin.broker.services.control.state.diskCapacityBytes).toBe(null)
  })

  it('is never more than there is', async () => {
    const body = { capacityBytes: Number.MAX_SAFE_INTEGER }
    expect(await admin.call('PUT /v1/disk-capacity', { body })).toMatchObject({ status: 400 })
  })
})

describe('/v1/disk-policy', () => {
  it('is a document with defaults, and what topics keep follows it at once', async () => {
    const { control } = admin.broker.services
    await admin.broker.createTopic('t', { configs: { 'retention.ms': '100000000' } })
    expect((await admin.call('GET /v1/disk-policy')).body).toMatchObject({
      ...{ mode: 'off', thresholdPercent: 75, stepPercent: 10, effectiveRetentionPercent: 100 },
    })
    const body = { mode: 'retention', effectiveRetentionPercent: 70 }
    const put = await admin.call('PUT /v1/disk-policy', { body })
    expect(put).toMatchObject({ status: 200, body: { ...body, cooldownMs: 600_000 } })
    expect(control.topicConfig('t').log.retentionMs).toBe(70_000_000)
    const { body: shown } = await admin.call('GET /v1/topics/t')
    expect(shown).toMatchObject({
      ...{ configs: { 'retention.ms': '100000000' }, effectiveRetentionMs: 70_000_000 },
    })
    expect(control.topicConfig('__audit').log.retentionMs).toBe(-1)
    const stale = { body: { mode: 'off' }, headers: { 'if-match': '"1"' } }
    expect((await admin.call('PUT /v1/disk-policy', stale)).status).toBe(412)
    const { seq } = put.body as { seq: number }
    await admin.call('POST /v1/audit/rewind', { body: { undo: [seq] } })
    expect(control.topicConfig('t').log.retentionMs).toBe(100_000_000)
  })

  it('has at most one of shorter retention and expansion', async () => {
    const body = { mode: 'expansion', effectiveRetentionPercent: 90 }
    const answer = await admin.call('PUT /v1/disk-policy', { body })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-config' } })
  })
})
