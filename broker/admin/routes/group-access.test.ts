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

describe('PUT /v1/groups/{group}/offsets', () => {
  const mayRead = (resourceType: string, resourceName: string) => ({
    ...{ resourceType, resourceName, patternType: 'LITERAL', operation: 'READ' },
  })

  it('tells who may not nothing of what exists, and records what was asked for', async () => {
    const rules = [mayRead('GROUP', 'mixed'), mayRead('GROUP', 'empty'), mayRead('TOPIC', 'orders')]
    await admin.call('POST /v1/roles', { body: { name: 'resetter', rules } })
    const token = await make('rita', 'resetter')
    await admin.broker.createTopic('gone')
    const topics = ['orders', 'private', 'gone'].map((topic) => ({ topic }))
    await admin.call('PUT /v1/groups/mixed/offsets', { body: { to: 'earliest', topics } })
    await admin.call('DELETE /v1/topics/gone')
    const { history } = admin.broker.services.control
    const asked: readonly (readonly [string, object])[] = [
      ['mixed', { to: 'latest', topics: [{ topic: 'private', partitions: [0] }] }],
      ['mixed', { to: 'none', topics: [{ topic: 'orders' }, { topic: 'nothing' }] }],
      // Nobody may reset what he does not see, and hears no names of it.
      ['mixed', { to: 'shift', shift: 5 }],
      ['others', { to: 'offset', offset: 7 }],
      ['others', { to: 'time', topics: [{ topic: 'orders', partitions: [99] }] }],
    ]
    for (const [group, body] of asked) {
      const { nextSeq } = history
      const answer = await admin.call(`PUT /v1/groups/${group}/offsets`, { token, body })
      expect(answer).toMatchObject({ status: 403, body: { detail: 'Authorization failed.' } })
      const [entry] = await history.read(nextSeq, 2)
      expect([history.nextSeq, entry?.record]).toMatchObject([
        nextSeq + 1,
        {
          ...{ operation: 'group.offsets.reset', actor: { principal: 'User:rita' } },
          ...{ resource: { kind: 'group-offsets', name: group }, decision: { allowed: false } },
        },
      ])
      expect(entry?.record.request).toEqual({ groupId: group, ...body })
    }
    const body = { to: 'earliest', topics: [{ topic: 'orders' }] }
    expect((await admin.call('PUT /v1/groups/mixed/offsets', { token, body })).status).toBe(200)
    expect((await admin.call('PUT /v1/groups/empty/offsets', { token, body })).status).toBe(200)
  })
})

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
