import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'

/** `If-Match: *` (RFC 9110, 13.1.1): only what there is. */

let admin: TestAdmin
beforeAll(async () => {
  admin = await startTestAdmin()
  await admin.broker.createTopic('orders')
})
afterAll(() => admin.stop())

const quota = { entity: { user: 'nobody' }, limits: { producer_byte_rate: 5 } }
const offsets = { to: 'earliest', topics: [{ topic: 'orders' }] }
const contact = {
  settings: { webhook_configs: [{ url_secret: 'url' }] },
  secrets: { url: 'http://x/' },
}

const MAKES: readonly (readonly [string, object])[] = [
  ['PUT /v1/users/nobody', { password: 'long enough' }],
  ['PUT /v1/quotas', quota],
  ['PUT /v1/rules/none', { rules: [{ alert: 'Down', expr: 'up == 0' }] }],
  ['PUT /v1/contact-points/none', contact],
  ['PUT /v1/client-metrics/none', { configs: { metrics: '*' } }],
  ['PUT /v1/groups/none/offsets', offsets],
]

it.each(MAKES)('%s makes nothing with it, and changes what is there', async (target, body) => {
  const any = { headers: { 'if-match': '*' }, body }
  const { history } = admin.broker.services.control
  const { nextSeq } = history
  for (const dryRun of ['?dryRun=true', '']) {
    const answer = await admin.call(`${target}${dryRun}`, any)
    expect(answer).toMatchObject({ status: 412, body: { code: 'invalid-update-version' } })
  }
  const records = (await history.read(nextSeq, 10)).map(({ record }) => record)
  // The first command about a group makes the topic of offsets.
  const attempts = records.filter(({ actor }) => actor.principal === 'User:root')
  expect(attempts).toMatchObject([{ outcome: { code: 'INVALID_UPDATE_VERSION' }, after: null }])
  expect((await admin.call(target, { body })).status).toBe(200)
  expect((await admin.call(target, any)).status).toBe(200)
})

it.each<[string, object]>([
  ['PUT /v1/disk-policy', { mode: 'off' }],
  ['PUT /v1/disk-capacity', { capacityBytes: null }],
  ['PUT /v1/notification-policy', { policy: { route: { receiver: 'console' } } }],
  ['PATCH /v1/configs', { configs: { 'message.max.bytes': '100000' } }],
  ['PATCH /v1/topics/orders', { configs: { 'retention.ms': '100000' } }],
  ['PUT /v1/topics/orders/quota', { producerByteRate: 100, consumerByteRate: null }],
])('%s goes on: that is there, whether or not anything was set of it', async (target, body) => {
  const answer = await admin.call(target, { headers: { 'if-match': '*' }, body })
  expect(answer).toMatchObject({ status: 200 })
})

it('what is not there to be changed is not found all the same', async () => {
  const headers = { 'if-match': '*' }
  expect((await admin.call('DELETE /v1/rules/nothing', { headers })).status).toBe(404)
  const body = { configs: { 'retention.ms': '1' } }
  expect((await admin.call('PATCH /v1/topics/nothing', { headers, body })).status).toBe(404)
})
