import { describe, expect, it } from 'vitest'
import type { AclBinding } from './access.ts'
import type { Actor } from './actor.ts'
import type { Command } from './commands.ts'
import { removalOfAccount } from './removal-of-account.ts'
import { alice, ControlWorld, createTopic, recordsOf } from './testing.ts'

const scram = (
  kind: 'user.scram.upsert' | 'user.scram.delete',
  mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
): Command => ({
  ...{ kind, name: 'bob', mechanism, iterations: 4096 },
  salt: Buffer.alloc(8),
  storedKey: Buffer.alloc(mechanism === 'SCRAM-SHA-256' ? 32 : 64),
  serverKey: Buffer.alloc(mechanism === 'SCRAM-SHA-256' ? 32 : 64),
})
const setBoth = [
  scram('user.scram.upsert', 'SCRAM-SHA-256'),
  scram('user.scram.upsert', 'SCRAM-SHA-512'),
]
const deleteBoth = [
  scram('user.scram.delete', 'SCRAM-SHA-256'),
  scram('user.scram.delete', 'SCRAM-SHA-512'),
]
const tokenOf = (owner: string, id = `token of ${owner}`): Command => ({
  ...{ kind: 'delegation-token.create', id, owner: `User:${owner}`, renewers: [] },
  ...{ maxLifetimeMs: -1, hmac: Buffer.alloc(64) },
})
const bob: Actor = { ...alice, principal: 'User:bob' }

async function worldWithTokens(): Promise<ControlWorld> {
  const world = await ControlWorld.open()
  await world.control.execute(setBoth, alice)
  await world.control.execute([tokenOf('bob'), tokenOf('ann', 'asked for by bob')], bob)
  await world.run(tokenOf('alice'))
  return world
}

const tokensIn = (world: ControlWorld) => [...world.control.state.delegationTokens.keys()]

describe('delegation tokens', () => {
  it('end with the last credential of their user, and those that the user asked for', async () => {
    const world = await worldWithTokens()
    const secrets = [...world.control.state.delegationTokens.values()].map(({ secret }) => secret)
    const [first] = await world.control.execute(deleteBoth.slice(0, 1), alice)
    expect(first?.error).toBe('NONE')
    expect(tokensIn(world)).toHaveLength(3)

    const outcomes = await world.control.execute(deleteBoth.slice(1), alice)
    expect(outcomes).toHaveLength(1)
    expect(tokensIn(world)).toEqual(['token of alice'])
    const kept = secrets.filter(({ secretId }) => world.control.secrets.get(secretId))
    expect(kept).toHaveLength(1)
    const records = await recordsOf(world)
    expect(records.slice(-2)).toMatchObject(
      ['token of bob', 'asked for by bob'].map((name) => ({
        operation: 'delegation-token.expire',
        resource: { kind: 'delegation-token', name },
        actor: { principal: 'User:alice' },
        decision: { allowed: true, rule: 'consequence' },
        outcome: { code: 'NONE' },
        causes: [outcomes[0]?.seq],
        after: null,
      })),
    )
    await world.stop()
  })

  it('end with their account, also of one that logs in without a password', async () => {
    const world = await ControlWorld.open()
    await world.run({ kind: 'account.create', name: 'bob', roles: [] })
    await world.control.execute([tokenOf('bob')], bob)
    await world.control.execute(removalOfAccount('bob', world.control.state), alice)
    expect(tokensIn(world)).toEqual([])
    await world.stop()
  })

  it('stay when nothing comes of the removal', async () => {
    const world = await worldWithTokens()
    const all = [...deleteBoth, { kind: 'account.delete', name: 'nobody' }] as const
    const validated = await world.control.execute(deleteBoth, alice, { validateOnly: true })
    expect(validated.map(({ error }) => error)).toEqual(['NONE', 'NONE'])
    const refused = await world.control.execute(all, alice, { allOrNothing: true })
    expect(refused.map(({ error }) => error)).toEqual([
      'OPERATION_NOT_ATTEMPTED',
      'OPERATION_NOT_ATTEMPTED',
      'RESOURCE_NOT_FOUND',
    ])
    expect(refused.map(({ seq }) => seq)).toEqual([6, 7, 8])
    expect(tokensIn(world)).toHaveLength(3)
    await world.stop()
  })

  it('do not come back when the removal is taken back', async () => {
    const world = await worldWithTokens()
    const to = world.control.state.seq
    await world.control.execute(deleteBoth, alice)
    const answer = await world.control.rewind({ to }, alice, { dryRun: false })
    const impossible = answer.plan.impossible.map(({ resource }) => resource.name)
    expect(impossible).toEqual(expect.arrayContaining(['token of bob', 'asked for by bob']))
    await world.control.execute(setBoth, alice)
    expect(tokensIn(world)).toEqual(['token of alice'])
    await world.stop()
  })

  it('go once when a rewind takes back both them and their user', async () => {
    const world = await worldWithTokens()
    const answer = await world.control.rewind({ to: 0 }, alice, { dryRun: false })
    expect(answer).toMatchObject({ error: 'NONE' })
    expect(tokensIn(world)).toEqual([])
    expect([...world.control.state.users.keys()]).toEqual([])
    const restarted = await world.restart()
    expect(tokensIn(restarted)).toEqual([])
    await restarted.stop()
  })
})

describe('a topic that is restored', () => {
  const rule = (resourceName: string, changes: Partial<AclBinding> = {}): AclBinding => ({
    ...{ resourceType: 'TOPIC', resourceName, patternType: 'LITERAL', principal: 'User:bob' },
    ...{ host: '*', operation: 'READ', permission: 'ALLOW', ...changes },
  })

  it('under another name is guarded as it was, by records that say why', async () => {
    const world = await ControlWorld.open()
    const { after } = await world.run(createTopic('orders'))
    for (const binding of [
      rule('orders'),
      rule('orders', { principal: 'User:eve', permission: 'DENY' }),
      rule('ord', { patternType: 'PREFIXED' }),
      rule('others'),
      rule('orders', { resourceType: 'GROUP' }),
    ]) {
      await world.run({ kind: 'acl.create', binding })
    }
    await world.run({ kind: 'topic.delete', name: 'orders' })
    await world.run(createTopic('orders'))
    const restored = await world.run({ kind: 'topic.restore', id: after?.id ?? '' })
    expect(restored.after?.name).toBe('orders-restored')
    const rules = [...world.control.state.acls.values()].filter(
      ({ resourceName }) => resourceName === 'orders-restored',
    )
    expect(rules.map(({ principal, permission }) => [principal, permission])).toEqual([
      ['User:bob', 'ALLOW'],
      ['User:eve', 'DENY'],
    ])
    expect((await recordsOf(world)).slice(-2)).toMatchObject([
      { operation: 'acl.create', causes: [restored.seq], decision: { rule: 'consequence' } },
      { operation: 'acl.create', causes: [restored.seq] },
    ])
    await world.stop()
  })

  it('under its own name needs no rules', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    await world.run({ kind: 'acl.create', binding: rule('orders') })
    await world.run({ kind: 'topic.delete', name: 'orders' })
    await world.run({ kind: 'topic.restore', name: 'orders' })
    expect(world.control.state.acls.size).toBe(1)
    await world.stop()
  })
})
