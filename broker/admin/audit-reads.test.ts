import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TestAdmin } from '../../test/support/test-admin.ts'
import { startTestAdmin } from '../../test/support/test-admin.ts'

let admin: TestAdmin
beforeEach(async () => {
  admin = await startTestAdmin()
})
afterEach(() => admin.stop())

it.each([
  ['/v1/audit', '/v1/audit?q=orders', { q: 'orders' }],
  ['/v1/audit', '/v1/audit?order=oldest&cursor=o0', { order: 'oldest', cursor: 'o0' }],
  ['/v1/audit/:seq', '/v1/audit/0', { seq: '0' }],
  ['/v1/audit/state', '/v1/audit/state', {}],
  ['/v1/audit/diff', '/v1/audit/diff?from=0', { from: '0' }],
])('nobody reads %s unseen: %s', async (name, path, request) => {
  const seen: object[] = []
  admin.services.broker.control.onObserved((observation) => seen.push(observation))
  expect((await admin.call(`GET ${path}`)).status).toBe(200)
  expect(seen).toMatchObject([
    { operation: 'audit.read', actor: { principal: 'User:root' }, resource: { name }, request },
  ])
})
