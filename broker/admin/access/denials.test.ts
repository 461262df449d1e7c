import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'
import type { Authorizer } from '../../control/index.ts'

/** What a request needs is not always known before its handler looks at it. */

let admin: TestAdmin
let isAllowed: boolean
beforeEach(async () => {
  isAllowed = true
  const authorizer: Authorizer = {
    authorize: () => ({ allowed: isAllowed, rule: isAllowed ? 'everybody' : 'nobody' }),
  }
  admin = await startTestAdmin({ authorizer })
})
afterEach(() => admin.stop())

it.each([
  ['DELETE /v1/quotas?user=nobody', 404, 'ALTER_CONFIGS'],
  ['DELETE /v1/acls?principal=User:nobody', 200, 'ALTER'],
  ['GET /v1/configs', 200, 'DESCRIBE_CONFIGS'],
])(
  '%s tells nothing to who may not, and the history has the attempt',
  async (target, status, operation) => {
    expect((await admin.call(target)).status).toBe(status)
    isAllowed = false
    const denied = await admin.call(target)
    expect(denied).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    await admin.broker.time.advance(60_000)
    isAllowed = true
    const { body } = await admin.call('GET /v1/audit?operation=access')
    expect(body).toMatchObject({
      records: [
        {
          actor: { principal: 'User:root' },
          resource: { kind: 'cluster', name: 'kafka-cluster' },
          decision: { allowed: false, rule: 'nobody' },
          outcome: {
            code: 'CLUSTER_AUTHORIZATION_FAILED',
            message: `${operation} is not allowed`,
          },
          request: { count: 1 },
        },
      ],
    })
  },
)
