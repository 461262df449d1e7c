import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../audit/index.ts'
import type { AccessDecision } from '../access.ts'
import type { Actor } from '../actor.ts'
import { alice, ControlWorld, recordsOf } from '../testing.ts'
import { MAX_KINDS, MAX_KINDS_OF_PRINCIPAL } from './aggregator.ts'
import type { Observation } from './observation.ts'

const MINUTE_MS = 60_000

const stranger: Actor = {
  ...alice,
  principal: 'User:ANONYMOUS',
  source: { ip: '10.0.0.9', listener: 'PLAINTEXT' },
}
const denied: AccessDecision = { allowed: false, rule: 'no-acl' }

const failedLogin = (principal: string): Observation => ({
  operation: 'login',
  actor: { ...alice, principal },
  resource: { kind: 'user', name: principal, id: null },
  decision: denied,
  outcome: { code: 'SASL_AUTHENTICATION_FAILED', message: 'no' },
  request: { mechanism: 'PLAIN' },
})

describe('observations', () => {
  it('of one kind are one record a minute', async () => {
    const world = await ControlWorld.open()
    for (let time = 0; time < 500; time++) world.control.observe(failedLogin('User:eve'))
    await world.time.advance(10_000)
    world.control.observe(failedLogin('User:eve'))
    world.control.observe(failedLogin('User:bob'))
    expect(world.control.history.nextSeq).toBe(1)
    await world.time.advance(MINUTE_MS)
    const [, eve, bob] = await recordsOf(world)
    expect(eve).toMatchObject({
      operation: 'login',
      actor: { principal: 'User:eve' },
      decision: denied,
      request: { mechanism: 'PLAIN', count: 501, firstAt: expect.any(String) },
      before: null,
      after: null,
      outcome: { code: 'SASL_AUTHENTICATION_FAILED' },
    })
    expect(bob).toMatchObject({ actor: { principal: 'User:bob' }, request: { count: 1 } })
    await world.stop()
  })

  it('of too many kinds are put together', async () => {
    const world = await ControlWorld.open()
    for (let user = 0; user < MAX_KINDS + 50; user++) {
      world.control.observe(failedLogin(`User:${user}`))
    }
    await world.stop()
    const next = await ControlWorld.open({ disk: world.disk })
    const records = await recordsOf(next)
    expect(records).toHaveLength(1 + MAX_KINDS + 1)
    expect(records.at(-1)).toMatchObject({
      actor: { principal: 'User:(several)' },
      request: { count: 50, kinds: 50 },
    })
    await next.stop()
  })

  it('of one principal who tries everything do not hide what others do', async () => {
    const world = await ControlWorld.open()
    for (let code = 0; code < 3 * MAX_KINDS; code++) {
      const outcome = { code: `CODE_${code}`, message: null }
      world.control.observe({ ...failedLogin('User:eve'), outcome })
    }
    world.control.observe(failedLogin('User:bob'))
    await world.time.advance(MINUTE_MS)
    const records = (await recordsOf(world)).slice(1)
    expect(records).toHaveLength(MAX_KINDS_OF_PRINCIPAL + 2)
    expect(records.slice(-2)).toMatchObject([
      {
        actor: { principal: 'User:eve' },
        resource: { name: '(several)' },
        source: { ip: '' },
        request: {
          count: 3 * MAX_KINDS - MAX_KINDS_OF_PRINCIPAL,
          kinds: 3 * MAX_KINDS - MAX_KINDS_OF_PRINCIPAL,
        },
      },
      { actor: { principal: 'User:bob' }, resource: { name: 'User:bob' }, request: { count: 1 } },
    ])
    await world.stop()
  })

  it('can have a record of their own at once', async () => {
    const world = await ControlWorld.open()
    const seq = await world.control.record({
      operation: 'audit.read',
      actor: alice,
      resource: { kind: 'audit', name: 'records', id: null },
      decision: { allowed: true, rule: 'super-user' },
      outcome: { code: 'NONE', message: null },
      request: { principal: 'User:bob' },
    })
    expect(seq).toBe(1)
    expect((await recordsOf(world))[1]).toMatchObject({ operation: 'audit.read', after: null })
    const restarted = await world.restart()
    expect(restarted.control.state.seq).toBe(1)
    await restarted.stop()
  })
})

describe('refused attempts', () => {
  it('of unknown people are recorded up to a rate, and counted beyond', async () => {
    const world = await ControlWorld.open()
    const attempt = { kind: 'topic.delete', name: 'nobody' } as const
    for (let time = 0; time < 300; time++) await world.control.execute([attempt], stranger)
    expect(world.control.history.nextSeq).toBe(21)
    await world.time.advance(MINUTE_MS)
    const records = await recordsOf(world)
    expect(records).toHaveLength(22)
    expect(records.at(-1)).toMatchObject({
      operation: 'topic.delete',
      actor: { principal: 'User:ANONYMOUS' },
      source: { ip: '10.0.0.9' },
      outcome: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
      request: { count: 280 },
    })
    await world.stop()
  })

  it('from many addresses have a bound too', async () => {
    const world = await ControlWorld.open()
    const attempt = { kind: 'topic.delete', name: 'nobody' } as const
    for (let address = 0; address < 50; address++) {
      const actor = { ...stranger, source: { ip: `10.0.1.${address}`, listener: 'PLAINTEXT' } }
      for (let time = 0; time < 10; time++) await world.control.execute([attempt], actor)
    }
    expect(world.control.history.nextSeq).toBe(101)
    await world.stop()
  })

  it('of people who are denied them are recorded up to a rate, and counted beyond', async () => {
    const world = await ControlWorld.open({
      authorizer: () => ({ authorize: () => ({ allowed: false, rule: 'no-rule' }) }),
    })
    const attempt = { kind: 'topic.delete', name: 'secret' } as const
    const as = (principal: string, ip: string): Actor => ({
      ...{ ...alice, principal: `User:${principal}` },
      source: { ...alice.source, ip },
    })
    const recordedOf = async (count: number, actor: Actor): Promise<number> => {
      const before = world.control.history.nextSeq
      for (let time = 0; time < count; time++) await world.control.execute([attempt], actor)
      return world.control.history.nextSeq - before
    }
    expect(await recordedOf(300, as('mallory', '10.0.0.9'))).toBe(20)
    expect(await recordedOf(30, as('mallory', '2001:db8::1'))).toBe(20)
    expect(await recordedOf(30, as('mallory', '2001:db8::2'))).toBe(0)
    for (let host = 0; host < 3; host++) await recordedOf(20, as('mallory', `10.0.1.${host}`))
    expect(await recordedOf(30, as('mallory', '10.0.2.1'))).toBe(0)
    expect(await recordedOf(5, as('bob', '10.0.0.9'))).toBe(5)

    await world.time.advance(MINUTE_MS)
    const counted = (await recordsOf(world)).slice(1 + 100 + 5)
    const counts = counted.map(({ source, request }) => [source.ip, (request as JsonObject).count])
    expect(counts).toEqual([
      ['10.0.0.9', 280],
      ['2001:db8::1', 40],
      ['10.0.2.1', 30],
    ])
    expect(counted[0]).toMatchObject({
      ...{ operation: 'topic.delete', actor: { principal: 'User:mallory' } },
      ...{ decision: { allowed: false }, resource: { name: 'secret' } },
    })
    expect(await recordedOf(1, as('mallory', '10.0.0.9'))).toBe(1)
    await world.stop()
  })

  it('of what everybody may ask for have the same bound, and of many people one in all', async () => {
    const world = await ControlWorld.open()
    const attempt = { kind: 'delegation-token.expire', id: 'x', expiryPeriodMs: -1 } as const
    for (let time = 0; time < 30; time++) await world.run(attempt)
    expect(world.control.history.nextSeq).toBe(1 + 20)
    for (let person = 0; person < 1200; person++) {
      await world.control.execute([attempt], { ...alice, principal: `User:${person}` })
    }
    expect(world.control.history.nextSeq).toBe(1 + 1000)
    await world.stop()
  })

  it('of people who hold the permission are all recorded, and so is all that succeeds', async () => {
    const world = await ControlWorld.open()
    for (let time = 0; time < 150; time++) {
      await world.run({ kind: 'topic.delete', name: 'nobody' })
    }
    for (let time = 0; time < 30; time++) {
      await world.control.execute([{ kind: 'producer-ids.allocate' }], stranger)
    }
    expect(world.control.history.nextSeq).toBe(181)
    await world.stop()
  })
})
