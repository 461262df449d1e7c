import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { ROOT_TOKEN, startTestAdmin } from '../../../test/support/test-admin.ts'

let admin: TestAdmin
let token: string
beforeAll(async () => {
  admin = await startTestAdmin()
  await admin.call('POST /v1/accounts', { body: { name: 'ada', roles: ['admin'] } })
  const created = await admin.call('POST /v1/tokens', { body: { account: 'ada', label: 'test' } })
  token = (created.body as { token: string }).token
})
afterAll(() => admin.stop())

interface Shown {
  readonly records: readonly { readonly door: string; readonly source: { software?: string } }[]
}

it.each([
  ['the command of this machine, with the root token', 'cli', 'glasslog-cli', ROOT_TOKEN],
  ['another program with the root token', 'http', 'curl/8', ROOT_TOKEN],
  ['somebody with an account', 'http', 'glasslog-cli', 'ada'],
  ['somebody on another machine', 'http', 'glasslog-cli', ROOT_TOKEN, '192.0.2.1'],
])('says that %s came by %s', async (_, door, agent, as, remoteAddress = '127.0.0.1') => {
  const put = await admin.app.inject({
    ...{ method: 'PUT', url: '/v1/quotas', remoteAddress },
    headers: { authorization: `Bearer ${as === 'ada' ? token : as}`, 'user-agent': agent },
    payload: { entity: { user: 'pia' }, limits: { producer_byte_rate: 1000 } },
  })
  expect(put.statusCode).toBe(200)
  const { body } = await admin.call('GET /v1/audit?operation=quota.alter&limit=1')
  expect((body as Shown).records[0]).toMatchObject({ door, source: { software: agent } })
})
