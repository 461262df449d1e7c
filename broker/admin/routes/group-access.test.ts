import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'
import { AccessControl } from '../../security/index.ts'

/** What groups tell to whom not everything is shown. */

let admin: TestAdmin

beforeAll(async () => {
  const access = new AccessControl({
    glasslogAuthorizer: 'acl',
    allowEveryoneIfNoAclFound: false,
    superUsers: '',
  })
  admin = await startTestAdmin({ authorizer: access })
  access.follow(admin.broker.services.control.state)
  await admin.broker.createTopic('orders')
  await admin.broker.createTopic('private')
})
afterAll(() => admin.stop())

async function make(name: string, ...roles: string[]): Promise<string> {
  const account = await admin.call('POST /v1/accounts', { body: { name, roles } })
  expect(account.status).toBe(201)
  const { body } = await admin.call('POST /v1/tokens', { body: { account: name, label: 'test' } })
  return (body as { token: string }).token
}

describe('/v1/groups', () => {
  it('shows offsets only of topics that one may describe', async () => {
    const offsets = { to: 'earliest', topics: [{ topic: 'orders' }, { topic: 'private' }] }
    const reset = await admin.call('PUT /v1/groups/readers/offsets', { body: offsets })
    expect(reset.status).toBe(200)
    const mayDescribe = (resourceType: string, resourceName: string) => ({
      ...{ resourceType, resourceName, patternType: 'LITERAL', operation: 'DESCRIBE' },
    })
    const rules = [mayDescribe('GROUP', '*'), mayDescribe('TOPIC', 'orders')]
    expect((await admin.call('POST /v1/roles', { body: { name: 'onlooker', rules } })).status).toBe(
      201,
    )
    const token = await make('olga', 'onlooker')
    const topicsSeen = async (more: object): Promise<string[]> => {
      const { body } = await admin.call('GET /v1/groups/readers', more)
      const seen = (body as { offsets: { topic: string }[] }).offsets
      return [...new Set(seen.map(({ topic }) => topic))]
    }
    expect(await topicsSeen({})).toEqual(['orders', 'private'])
    expect(await topicsSeen({ token })).toEqual(['orders'])
  })
})
