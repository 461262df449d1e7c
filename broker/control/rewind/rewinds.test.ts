import { describe, expect, it } from 'vitest'
import type { ClashChoice } from '../../../audit/index.ts'
import type { Authorizer } from '../access.ts'
import type { Actor } from '../actor.ts'
import type { Command } from '../commands.ts'
import { exampleListeners } from '../decide/fixture.ts'
import type { ClusterState } from '../port.ts'
import { alice, ControlWorld, createTopic, recordsOf, snapshotOf } from '../testing.ts'
import type { RewindRequest } from './rewind-request.ts'

const retention = (value: string): Command => ({
  ...{ kind: 'topic.config.alter', name: 'orders', mode: 'incremental' },
  changes: [{ op: 'set', name: 'retention.ms', value }],
})

const scram = (name: string): Command => ({
  ...{ kind: 'user.scram.upsert', name, mechanism: 'SCRAM-SHA-256', iterations: 4096 },
  ...{ salt: Buffer.alloc(8, name), storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) },
})

const binding = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:bob',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
} as const

const rewind = (world: ControlWorld, request: RewindRequest, actor: Actor = alice) =>
  world.control.rewind(request, actor, { dryRun: false })

/** The state without what only grows: how many records there are, and when topics were deleted. */
function essence(state: ClusterState): unknown {
  const { seq: _, deletedTopics: __, ...rest } = snapshotOf(state) as Record<string, unknown>
  return rest
}

describe('a rewind to a moment', () => {
  it('brings everything back by commands of its own, which say what they revert', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    await world.run({ kind: 'acl.create', binding })
    await world.run({ kind: 'role.create', name: 'testers', rules: [] })
    await world.run({ kind: 'account.create', name: 'carol', roles: ['testers'] })
    const { seq: to } = await world.run(retention('1000'))
    const before = essence(world.control.state)

    await world.run(retention('2000'))
    await world.run({ kind: 'topic.quota.alter', name: 'orders', producerByteRate: 100 })
    await world.run(createTopic('extra'))
    await world.run({ kind: 'acl.delete', binding })
    await world.run({ kind: 'account.alter', name: 'carol', roles: [], isDisabled: true })
    await world.run({ kind: 'account.delete', name: 'carol' })
    await world.run({ kind: 'role.delete', name: 'testers' })
    await world.run({ kind: 'topic.delete', name: 'orders' })
    const entity = { user: 'bob' }
    const changes = [{ key: 'producer_byte_rate', value: 5 }] as const
    await world.run({ kind: 'quota.alter', entity, changes })
    await world.run({ ...scram('dave') })
    const { seq: last } = world.control.state

    const answer = await rewind(world, { to, reason: 'the change was wrong' })
    expect(answer).toMatchObject({ error: 'NONE', message: null, seq: last + 1 })
    const after = essence(world.control.state) as Record<string, unknown>
    expect({ ...after, accounts: null }).toEqual({ ...(before as object), accounts: null })
    expect(world.control.state.accounts.get('carol')?.roles).toEqual(['testers'])

    const records = (await recordsOf(world)).slice(last + 1)
    expect(records[0]).toMatchObject({ operation: 'audit.rewind', request: { to } })
    for (const record of records.slice(1)) {
      expect(record).toMatchObject({
        reason: 'the change was wrong',
        causes: [last + 1],
        actor: { principal: 'User:alice' },
        outcome: { code: 'NONE' },
      })
      expect(record.reverts?.length).toBeGreaterThan(0)
    }
    await world.stop()
  })

  it('takes an account back with its password and its tokens, each once', async () => {
    const world = await ControlWorld.open()
    const { seq: to } = await world.run(createTopic('orders'))
    const { seq } = await world.run({ kind: 'account.create', name: 'carol', roles: [] })
    await world.run(scram('carol'))
    const token = { kind: 'token.create', id: 'token-1', account: 'carol', label: 'ci' } as const
    await world.run({ ...token, expiresAtMs: -1, hash: Buffer.alloc(32) })
    // Everything at once, and the account alone.
    for (const request of [{ to }, { undo: [seq] }]) {
      expect(await world.control.rewind(request, alice, { dryRun: true })).toMatchObject({
        error: 'NONE',
        message: null,
      })
    }
    expect(await rewind(world, { to })).toMatchObject({ error: 'NONE', message: null })
    const { accounts, users, tokens } = world.control.state
    expect([accounts.size, users.size, tokens.size]).toEqual([0, 0, 0])
    await world.stop()
  })

  it('changes nothing else when a listener cannot be opened again', async () => {
    const world = await ControlWorld.open({ planListeners: exampleListeners })
    let isTaken = false
    world.control.attachListeners({
      prepare: async () =>
        isTaken
          ? { kind: 'refused', message: 'The address is taken.' }
          : { kind: 'ready', commit() {}, abort: async () => {} },
    })
    const { seq: to } = await world.run(createTopic('orders'))
    await world.run({ kind: 'acl.create', binding })
    await world.run({ kind: 'listener.alter', name: 'ADMIN', change: { to: 'removed' } })
    await world.run(retention('1000'))
    isTaken = true
    const answer = await rewind(world, { to })
    expect(answer).toMatchObject({ error: 'INVALID_CONFIG', message: 'The address is taken.' })
    expect(world.control.state.acls.size).toBe(1)
    expect(world.control.state.topics.get('orders')?.configs['retention.ms']).toBe('1000')
    isTaken = false
    expect(await rewind(world, { to })).toMatchObject({ error: 'NONE' })
    expect([world.control.state.acls.size, world.control.state.listeners.size]).toEqual([0, 0])
    await world.stop()
  })

  it('is restricted by its scope', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    await world.run({ kind: 'acl.create', binding })
    await world.run(retention('1000'))
    await rewind(world, { to: 1, scope: { kinds: ['acl'] } })
    expect(world.control.state.acls.size).toBe(0)
    expect(world.control.state.topics.get('orders')?.configs['retention.ms']).toBe('1000')
    await world.stop()
  })

  it('that is itself undone leaves the state as it was', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    const { seq: to } = await world.run(retention('1000'))
    await world.run(retention('2000'))
    await world.run({ kind: 'acl.create', binding })
    const before = essence(world.control.state)
    const { seq } = await rewind(world, { to })
    expect(essence(world.control.state)).not.toEqual(before)
    const undo = (await recordsOf(world)).slice(seq + 1).map((record) => record.seq)
    await rewind(world, { undo })
    expect(essence(world.control.state)).toEqual(before)
    await world.stop()
  })
})

describe('undoing an operation', () => {
  async function conflicted(): Promise<{ world: ControlWorld; undo: number; key: string }> {
    const world = await ControlWorld.open()
    const { after } = await world.run(createTopic('orders'))
    await world.run(retention('1000'))
    const { seq: undo } = await world.run(retention('2000'))
    await world.run(retention('3000'))
    return { world, undo, key: `topic:${after?.id}` }
  }
  const present = (world: ControlWorld): string | undefined =>
    world.control.state.topics.get('orders')?.configs['retention.ms']

  it('is refused when somebody changed the same thing since, with a record', async () => {
    const { world, undo } = await conflicted()
    const answer = await rewind(world, { undo: [undo] })
    expect(answer).toMatchObject({
      error: 'POLICY_VIOLATION',
      message: expect.stringContaining('was changed since by record 4'),
      plan: {
        conflicts: [{ path: 'configs/retention.ms', expected: '2000', present: '3000' }],
      },
    })
    expect(present(world)).toBe('3000')
    expect((await recordsOf(world)).at(-1)).toMatchObject({
      operation: 'audit.rewind',
      outcome: { code: 'POLICY_VIOLATION' },
    })
    await world.stop()
  })

  it.each<[ClashChoice | 'skip', string]>([
    ['overwrite', '1000'],
    ['keep', '3000'],
    ['skip', '3000'],
  ])('where the choice is to %s leaves %s', async (choice, expected) => {
    const { world, undo, key } = await conflicted()
    const answer = await rewind(world, { undo: [undo], choices: new Map([[key, choice]]) })
    expect(answer.error).toBe('NONE')
    expect(present(world)).toBe(expected)
    await world.stop()
  })

  it('does no more than a plan showed, whatever was done since', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    const { seq: to } = await world.run(retention('1000'))
    await world.run(retention('2000'))
    const { plan } = await world.control.rewind({ to }, alice, { dryRun: true })
    await world.run(createTopic('of-somebody-else'))
    const limits = { until: plan.baseSeq }
    expect(await rewind(world, { to, ...limits })).toMatchObject({ error: 'NONE' })
    const { topics } = world.control.state
    expect(topics.get('orders')?.configs['retention.ms']).toBe('1000')
    expect(topics.has('of-somebody-else')).toBe(true)

    const { seq: later } = await world.run(retention('1500'))
    await world.run(retention('2000'))
    const again = await world.control.rewind({ to: later }, alice, { dryRun: true })
    await world.run(retention('3000'))
    const late = await rewind(world, { to: later, until: again.plan.baseSeq })
    expect(late.plan.conflicts).toMatchObject([{ path: 'configs/retention.ms', present: '3000' }])
    expect(topics.get('orders')?.configs['retention.ms']).toBe('3000')
    for (const wrong of [
      { undo: [to], until: to },
      { to, until: to - 1 },
      { to, until: 9999 },
    ]) {
      expect((await rewind(world, wrong)).error).toBe('INVALID_REQUEST')
    }
  })

  it('overwrites nothing that somebody changes while it goes on', async () => {
    let refused = 0
    // So many turns of the event loop lie between its plan and its commands, and around them.
    for (let turns = 0; turns < 60; turns++) {
      const world = await ControlWorld.open()
      await world.run(createTopic('orders'))
      await world.run(retention('1000'))
      const { seq } = await world.run(retention('2000'))
      const going = rewind(world, { undo: [seq] })
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const theirs = await world.run(retention('7777'))
      const { error, seq: begun } = await going
      const undone = (await recordsOf(world)).find(
        ({ reverts, outcome }) => reverts?.includes(seq) && outcome.code === 'NONE',
      )
      expect([turns, undone !== undefined]).toEqual([turns, error === 'NONE'])
      if (undone) expect(undone.seq).toBeLessThan(theirs.seq)
      expect(world.control.state.topics.get('orders')?.configs['retention.ms']).toBe('7777')
      if (error === 'INVALID_UPDATE_VERSION') refused++
      if (error === 'INVALID_UPDATE_VERSION') expect(begun).toBeGreaterThan(seq)
      await world.stop()
    }
    expect(refused).toBeGreaterThan(0)
  })

  it('is shown by a dry run, which changes and records nothing', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    const { seq } = await world.run(retention('1000'))
    const before = snapshotOf(world.control.state)
    const answer = await world.control.rewind({ undo: [seq] }, alice, { dryRun: true })
    expect(answer).toMatchObject({
      error: 'NONE',
      seq: -1,
      steps: [{ commands: ['topic.config.alter'], cannot: [], error: 'NONE', seqs: [] }],
    })
    expect(snapshotOf(world.control.state)).toEqual(before)
    await world.stop()
  })

  it('does not bring an old password back, and says so', async () => {
    const world = await ControlWorld.open()
    await world.run(scram('dave'))
    const { seq } = await world.run(scram('dave'))
    const answer = await rewind(world, { undo: [seq] })
    expect(answer.plan.impossible).toMatchObject([
      { seq, reason: 'old passwords do not come back; set a new one' },
    ])
    expect(world.control.secrets.size).toBe(1)
    await world.stop()
  })

  it('says what it takes to undo partitions and purges: nothing does', async () => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    const grow = { kind: 'topic.partitions.create', name: 'orders', totalCount: 3 } as const
    const { seq } = await world.run({ ...grow, assignments: null })
    const answer = await rewind(world, { undo: [seq] })
    expect(answer.plan.impossible).toMatchObject([{ reason: 'partitions cannot be taken away' }])
    expect(answer.steps).toEqual([])
    await world.stop()
  })

  it('brings a deleted topic back by a restore', async () => {
    const world = await ControlWorld.open()
    const { after } = await world.run(createTopic('orders'))
    const { seq } = await world.run({ kind: 'topic.delete', name: 'orders' })
    await rewind(world, { undo: [seq] })
    expect(world.control.state.topics.get('orders')).toEqual(after)
    expect((await recordsOf(world)).at(-1)).toMatchObject({
      operation: 'topic.restore',
      reverts: [seq],
    })
    await world.stop()
  })

  it.each<[RewindRequest, string]>([
    [{}, 'Either `to` or `undo`'],
    [{ to: 1, undo: [1] }, 'Either `to` or `undo`'],
    [{ to: -1 }, 'records 0 to 1, not -1'],
    [{ to: 2 }, 'records 0 to 1, not 2'],
    [{ undo: [1, 99] }, 'records 0 to 1, not 99'],
    [{ undo: [0.5] }, 'records 0 to 1, not 0.5'],
  ])('refuses %j: %s', async (request, message) => {
    const world = await ControlWorld.open()
    await world.run(createTopic('orders'))
    expect(await rewind(world, request)).toMatchObject({
      error: 'INVALID_REQUEST',
      message: expect.stringContaining(message),
    })
    await world.stop()
  })
})

/** Administrators are accounts with the role admin at the HTTP door, and everybody at the other. */
function rolesAuthorizer(state: ClusterState): Authorizer {
  return {
    authorize({ principal, door }) {
      const roles = state.accounts.get(principal.slice('User:'.length))?.roles ?? []
      const allowed = door !== 'http' || principal === 'User:root' || roles.includes('admin')
      return { allowed, rule: allowed ? 'role' : 'no-rule' }
    },
  }
}

describe('a rewind that would lock people out', () => {
  const http = (principal: string): Actor => ({ ...alice, principal, door: 'http' })

  async function worldWithAdmin() {
    const world = await ControlWorld.open({
      authorizer: rolesAuthorizer,
      authorizerIn: rolesAuthorizer,
    })
    const { seq } = await world.run({ kind: 'account.create', name: 'carol', roles: ['admin'] })
    return { world, seq }
  }

  it('is refused when it takes the last administrator away', async () => {
    const { world, seq } = await worldWithAdmin()
    const answer = await rewind(world, { undo: [seq] }, http('User:root'))
    expect(answer).toMatchObject({
      error: 'POLICY_VIOLATION',
      message: 'Nobody could administer at the http door any more afterwards.',
    })
    expect(world.control.state.accounts.has('carol')).toBe(true)
    await world.run({ kind: 'account.create', name: 'dan', roles: ['admin'] })
    expect((await rewind(world, { undo: [seq] }, http('User:root'))).error).toBe('NONE')
    await world.stop()
  })

  it('is refused together with what somebody does while it goes on', async () => {
    let refused = 0
    // So many turns of the event loop lie between its plan and its commands, and around them.
    for (let turns = 0; turns < 60; turns++) {
      const { world, seq } = await worldWithAdmin()
      await world.run({ kind: 'account.create', name: 'dan', roles: ['admin'] })
      const going = rewind(world, { undo: [seq] }, http('User:root'))
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const theirs = await world.run({ kind: 'account.alter', name: 'dan', roles: [] })
      const { error, message } = await going
      const removal = (await recordsOf(world)).find(
        ({ operation, outcome }) => operation === 'account.delete' && outcome.code === 'NONE',
      )
      expect([turns, removal !== undefined]).toEqual([turns, error === 'NONE'])
      if (removal) expect(removal.seq).toBeLessThan(theirs.seq)
      else expect(error).toBe('POLICY_VIOLATION')
      const last = (await recordsOf(world)).at(-1)
      if (last?.operation === 'account.delete' && last.outcome.message === message) refused++
      await world.stop()
    }
    expect(refused).toBeGreaterThan(0)
  })

  it('is refused when whoever asks could not administer any more', async () => {
    const { world, seq } = await worldWithAdmin()
    await world.run({ kind: 'account.create', name: 'dan', roles: ['admin'] })
    expect(await rewind(world, { undo: [seq] }, http('User:carol'))).toMatchObject({
      message: 'User:carol could not administer any more afterwards.',
    })
    await world.stop()
  })

  it('needs the permissions of its commands', async () => {
    const { world } = await worldWithAdmin()
    await world.run(createTopic('orders'))
    const { seq } = await world.run(retention('1000'))
    const answer = await rewind(world, { undo: [seq] }, http('User:nobody'))
    expect(answer.error).toBe('TOPIC_AUTHORIZATION_FAILED')
    expect(world.control.state.topics.get('orders')?.configs['retention.ms']).toBe('1000')
    await world.stop()
  })
  it('leaves one record of an attempt that was denied, which says so, and changes nothing', async () => {
    const { world } = await worldWithAdmin()
    await world.run(createTopic('orders'))
    await world.run(retention('1000'))
    const { seq: last } = await world.run({ kind: 'acl.create', binding })
    const undo = [last - 1, last]
    const answer = await rewind(world, { undo }, http('User:nobody'))
    expect(answer).toMatchObject({ seq: last + 1, message: 'Authorization failed.' })
    expect(answer.steps.every(({ error }) => error.endsWith('_AUTHORIZATION_FAILED'))).toBe(true)
    expect((await recordsOf(world)).slice(last + 1)).toMatchObject([
      {
        operation: 'audit.rewind',
        actor: { principal: 'User:nobody' },
        decision: { allowed: false, rule: 'by-its-commands' },
        outcome: { code: answer.error },
        request: { undo, steps: 2 },
      },
    ])
    expect(world.control.state.acls.size).toBe(1)
    await world.stop()
  })

  it('counts the denied attempts of unknown people together beyond a rate', async () => {
    const { world } = await worldWithAdmin()
    await world.run(createTopic('orders'))
    const { seq } = await world.run(retention('1000'))
    for (let attempt = 0; attempt < 25; attempt++) {
      await rewind(world, { undo: [seq] }, http('User:ANONYMOUS'))
    }
    const attempts = (await recordsOf(world)).slice(seq + 1)
    expect(attempts.map(({ operation }) => operation)).toEqual(Array(20).fill('audit.rewind'))
    await world.stop()
  })
})

it('rewinds of nothing, and such as cannot be understood, do not fill the history', async () => {
  const world = await ControlWorld.open()
  for (let time = 0; time < 30; time++) await rewind(world, { to: world.control.state.seq })
  expect(world.control.state.seq).toBe(20)
  const other: Actor = { ...alice, principal: 'User:bob' }
  for (let time = 0; time < 30; time++) await rewind(world, { to: 1_000_000 }, other)
  expect(world.control.state.seq).toBe(40)
  await world.run(createTopic('orders'))
  const answer = await rewind(world, { to: 40 })
  expect(answer).toMatchObject({ error: 'NONE', seq: 42 })
  await world.stop()
})
