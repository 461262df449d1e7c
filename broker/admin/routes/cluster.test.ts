import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestAdmin } from '../../../test/support/test-admin.ts'
import { ROOT_TOKEN, startTestAdmin } from '../../../test/support/test-admin.ts'
import type { Authorizer } from '../../control/index.ts'
import { createAdminDoor } from '../index.ts'

let admin: TestAdmin
beforeAll(async () => {
  admin = await startTestAdmin()
})
afterAll(() => admin.stop())

const sparesSecrets: Authorizer = {
  authorize: (_, operation, resourceType, resourceName) => ({
    allowed: !(resourceType === 'TOPIC' && resourceName === 'secret' && operation === 'DESCRIBE'),
    rule: 'test',
  }),
}

it('names damaged segments of topics that one may describe, and shows no paths', async () => {
  const { storage } = admin.services
  const detail = '/data/topics/x/00000000000000000000.log is missing'
  const damaged = ['orders', 'secret'].map((topicName) => ({ topicName, partition: 1, detail }))
  const stats = storage()
  const door = createAdminDoor({
    rootToken: ROOT_TOKEN,
    services: {
      ...admin.services,
      authorizer: sparesSecrets,
      storage: () => ({ ...stats, scrub: { ...stats.scrub, damaged } }),
    },
    hostnames: [],
  })
  const app = await door.app()
  const answer = await app.inject({
    url: '/v1/cluster',
    headers: { authorization: `Bearer ${ROOT_TOKEN}` },
  })
  expect(answer.json()).toMatchObject({ scrub: { damaged: [{ topic: 'orders', partition: 1 }] } })
  for (const hidden of ['secret', '/data', 'missing']) expect(answer.body).not.toContain(hidden)
  await door.close()
})
