import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JsonObject } from '../../../audit/index.ts'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

let admin: TestAdmin
beforeEach(async () => {
  admin = await startTestAdmin()
  await admin.broker.createTopic('orders')
})
afterEach(() => admin.stop())

/** What the history says of attempts since then, a minute later. */
async function attemptsSince(seq: number): Promise<readonly unknown[]> {
  await admin.broker.time.advance(61_000)
  const { history } = admin.broker.services.control
  const entries = await history.read(seq, 100)
  return entries.map(({ record: { operation, resource, outcome, request } }) => [
    ...[operation, resource.kind, outcome.code, (request as JsonObject).count ?? 1],
  ])
}

it.each<readonly [string, number, string, string, object | undefined]>([
  ['DELETE /v1/quotas', 400, 'quota.alter', 'INVALID_REQUEST', undefined],
  ['DELETE /v1/quotas?user=nobody', 404, 'quota.alter', 'RESOURCE_NOT_FOUND', undefined],
  ['DELETE /v1/acls', 400, 'acl.delete', 'INVALID_REQUEST', undefined],
  [
    'DELETE /v1/topics/orders/records?before=1',
    400,
    'records.delete',
    'INVALID_REQUEST',
    undefined,
  ],
  ['PATCH /v1/topics/orders', 400, 'topic.partitions.create', 'INVALID_REQUEST', {}],
  ['POST /v1/backups/any/end', 400, 'backup.create', 'INVALID_REQUEST', {}],
])(
  '%s, refused before it is a command, is counted in the history',
  async (target, status, operation, code, body) => {
    const { nextSeq } = admin.broker.services.control.history
    for (let time = 0; time < 2; time++) {
      expect((await admin.call(target, { body })).status).toBe(status)
    }
    expect(await attemptsSince(nextSeq)).toEqual([[operation, 'attempts', code, 2]])
  },
)

it('what a command was refused with has one record, and a dry run none', async () => {
  const { nextSeq } = admin.broker.services.control.history
  expect((await admin.call('DELETE /v1/topics/none')).status).toBe(404)
  expect((await admin.call('DELETE /v1/topics/none?dryRun=true')).status).toBe(404)
  expect((await admin.call('DELETE /v1/quotas?user=nobody&dryRun=true')).status).toBe(404)
  expect(await attemptsSince(nextSeq)).toEqual([
    ['topic.delete', 'topic', 'UNKNOWN_TOPIC_OR_PARTITION', 1],
  ])
})
