import { expect, it } from 'vitest'
import type { JsonObject } from '../audit/index.ts'
import { ControlWorld, recordsOf } from './control/testing.ts'
import { observeFailedLogin } from './login-observations.ts'
import type { NetworkEvent } from './network/index.ts'
import { loggedEvent } from './network-events.ts'

const TYPED = 'correct horse battery'

const failed = (claimedUser: string | null, mechanism = 'PLAIN'): NetworkEvent => ({
  kind: 'login-failed',
  connection: {
    ...{ id: 1, address: '192.0.2.1', listener: 'OUTSIDE', principal: 'User:ANONYMOUS' },
    ...{ identity: { principal: 'User:ANONYMOUS', mechanism: 'none' }, openedAtMs: 0 },
    ...{ softwareName: '', softwareVersion: '', requests: 0, requestsInFlight: 0 },
    ...{ bytesIn: 0, bytesOut: 0, clientId: '', lastApi: null, lastRequestAtMs: 0 },
    lastActivityMonotonicMs: 0,
  },
  failure: { mechanism, message: 'no', claimedUser },
})

it('keeps the names of those who exist, and of nobody else', async () => {
  const world = await ControlWorld.open()
  await world.run({
    ...{ kind: 'user.scram.upsert', name: 'alice', mechanism: 'SCRAM-SHA-256', iterations: 4096 },
    ...{ salt: Buffer.alloc(8), storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) },
  })
  await world.run({ kind: 'account.create', name: 'bob', roles: [] })
  for (const name of ['alice', 'bob', TYPED, `${TYPED} 2`, null]) {
    observeFailedLogin(failed(name), world.control)
  }
  observeFailedLogin(failed('carol', 'OAUTHBEARER'), world.control)
  await world.time.advance(60_000)
  const records = (await recordsOf(world)).slice(3)
  expect(
    records.map(({ actor, resource, request }) => [
      actor.principal,
      resource.name,
      (request as JsonObject).count,
    ]),
  ).toEqual([
    ['User:alice', 'alice', 1],
    ['User:bob', 'bob', 1],
    ['User:ANONYMOUS', '(unknown)', 3],
    ['User:carol', 'carol', 1],
  ])
  expect(JSON.stringify(records)).not.toContain(TYPED)
  await world.stop()
})

it('is nothing that log lines say either', () => {
  const line = JSON.stringify(loggedEvent(failed(TYPED)))
  expect(line).toContain('login-failed')
  expect(line).not.toContain(TYPED)
})
