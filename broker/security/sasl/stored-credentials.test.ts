import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Command } from '../../control/index.ts'
import { alice, ControlWorld } from '../../control/testing.ts'
import type { Credentials } from './credentials.ts'
import { storedCredentials } from './stored-credentials.ts'

let world: ControlWorld
let credentials: Credentials
beforeEach(async () => {
  world = await ControlWorld.open()
  credentials = storedCredentials(world.control.state, world.control.secrets)
})
afterEach(() => world.stop())

const scram = (name: string, iterations: number, salt: Buffer): Command => ({
  ...{ kind: 'user.scram.upsert', name, mechanism: 'SCRAM-SHA-256', iterations, salt },
  ...{ storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) },
})
const tokenOf = (owner: string, id: string): Command => ({
  ...{ kind: 'delegation-token.create', id, owner: `User:${owner}`, renewers: [] },
  ...{ maxLifetimeMs: -1, hmac: Buffer.alloc(64) },
})

it('are none for an account that is disabled, nor by tokens of it or made by it', async () => {
  const asBob = { ...alice, principal: 'User:bob' }
  await world.run({ kind: 'account.create', name: 'bob', roles: [] })
  await world.run(scram('bob', 4096, Buffer.alloc(8)))
  await world.control.execute([tokenOf('bob', 'own'), tokenOf('carol', 'for carol')], asBob)
  const letIn = (): readonly boolean[] => [
    credentials.scramKeys('bob', 'SCRAM-SHA-256') !== undefined,
    credentials.delegationToken('own') !== undefined,
    credentials.delegationToken('for carol') !== undefined,
  ]
  expect(letIn()).toEqual([true, true, true])
  await world.run({ kind: 'account.alter', name: 'bob', isDisabled: true })
  expect(letIn()).toEqual([false, false, false])
  await world.run({ kind: 'account.alter', name: 'bob', isDisabled: false })
  expect(letIn()).toEqual([true, true, true])
})

it('have shapes that are counted by mechanism, as they are now', async () => {
  expect(credentials.shapes('SCRAM-SHA-256')).toEqual([])
  await world.run(scram('a', 8192, Buffer.alloc(24)))
  await world.run(scram('b', 4096, Buffer.from('1s2a3l4t5o6f7t8h9e0t1o2o3l')))
  await world.run(scram('c', 4096, Buffer.from('1s2a3l4t5o6f7t8h9e0t1o2o3')))
  expect(credentials.shapes('SCRAM-SHA-256')).toEqual([
    { shape: { iterations: 4096, salt: 'text' }, count: 2 },
    { shape: { iterations: 8192, salt: 24 }, count: 1 },
  ])
  expect(credentials.shapes('SCRAM-SHA-512')).toEqual([])
  await world.run({ kind: 'user.scram.delete', name: 'a', mechanism: 'SCRAM-SHA-256' })
  expect(credentials.shapes('SCRAM-SHA-256')).toHaveLength(1)
})
