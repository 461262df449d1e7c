import { describe, expect, it } from 'vitest'
import type { AclBinding, AclOperation, Authorizer } from './access.ts'
import { ACL_OPERATIONS, ACL_RESOURCE_TYPES } from './access.ts'
import type { Actor } from './actor.ts'
import { authorizeCommand } from './authorize-command.ts'
import type { Command } from './commands.ts'
import { exampleState, exampleTopic } from './decide/fixture.ts'
import type { Operation } from './operations.ts'
import { operationKinds, operationOf, operations } from './operations.ts'
import type { ReportedKind } from './reported-operations.ts'
import { reportedKinds } from './reported-operations.ts'
import { alice, ControlWorld, createTopic, recordsOf } from './testing.ts'

const rows = operationKinds.map((kind) => [kind, operations[kind] as unknown as Operation] as const)

/** What a row needs, as one line: alternatives by `or`, all of several by `and`. */
function needsText({ needs }: Operation): string {
  if (needs.length === 0) return '-'
  const alternatives = needs.map(({ anyOf }) =>
    anyOf.map(({ operation, resourceType }) => `${operation} ${resourceType}`).join(' or '),
  )
  return alternatives.join(' and ')
}

describe('the table of operations', () => {
  it('has these permissions at both doors', async () => {
    const lines = rows.flatMap(([kind, row]) =>
      [...row.kafka.map((api) => `kafka ${api}`), ...row.http.map((path) => `http ${path}`)].map(
        (door) => `${door} | ${kind} | ${needsText(row)} | ${row.reversal.join(', ')}\n`,
      ),
    )
    await expect(lines.sort().join('')).toMatchFileSnapshot('./golden/operations.txt')
  })

  it('has a door for every operation', () => {
    const closed = rows.filter(([, { kafka, http }]) => kafka.length + http.length === 0)
    // Of the broker itself, at the first start on restored data.
    expect(closed.map(([kind]) => kind)).toEqual(['backup.restore'])
  })

  it('leaves nothing open but what the decision itself looks at', () => {
    const open = rows.filter(([, { needs }]) => needs.length === 0).map(([kind]) => kind)
    expect(open).toEqual([
      'producer-ids.allocate',
      'delegation-token.renew',
      'delegation-token.expire',
    ])
  })

  it('names operations and types that exist', () => {
    for (const [, { needs }] of rows) {
      for (const { operation, resourceType } of needs.flatMap(({ anyOf }) => anyOf)) {
        expect(ACL_OPERATIONS).toHaveProperty(operation)
        expect(ACL_RESOURCE_TYPES).toHaveProperty(resourceType)
      }
    }
  })
})

const binding: AclBinding = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:bob',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
}
const scram = { name: 'bob', mechanism: 'SCRAM-SHA-256' } as const
const bytes = Buffer.alloc(32)

/** One of each kind. */
const examples: { readonly [Kind in Command['kind']]: Extract<Command, { kind: Kind }> } = {
  'topic.create': createTopic('new'),
  'topic.delete': { kind: 'topic.delete', name: 'orders' },
  'topic.restore': { kind: 'topic.restore', id: 'gone-id' },
  'topic.purge': { kind: 'topic.purge', id: 'gone-id' },
  'topic.partitions.create': {
    ...{ kind: 'topic.partitions.create', name: 'orders', totalCount: 9 },
    assignments: null,
  },
  'topic.config.alter': {
    ...{ kind: 'topic.config.alter', name: 'orders', mode: 'incremental' },
    changes: [],
  },
  'topic.quota.alter': { kind: 'topic.quota.alter', name: 'orders', producerByteRate: 5 },
  'broker.config.alter': {
    ...{ kind: 'broker.config.alter', brokerId: '', mode: 'incremental' },
    changes: [],
  },
  'client-metrics.alter': {
    ...{ kind: 'client-metrics.alter', name: 'all', mode: 'incremental' },
    changes: [],
  },
  'records.delete': { kind: 'records.delete', topic: 'orders', partition: 0, offset: -1 },
  'producer-ids.allocate': { kind: 'producer-ids.allocate' },
  'user.scram.upsert': {
    ...{ kind: 'user.scram.upsert', ...scram, iterations: 4096 },
    ...{ salt: bytes, storedKey: bytes, serverKey: bytes },
  },
  'user.scram.delete': { kind: 'user.scram.delete', ...scram },
  'acl.create': { kind: 'acl.create', binding },
  'acl.delete': { kind: 'acl.delete', binding },
  'quota.alter': { kind: 'quota.alter', entity: { user: 'bob' }, changes: [] },
  'account.create': { kind: 'account.create', name: 'bob', roles: [] },
  'account.alter': { kind: 'account.alter', name: 'bob' },
  'account.delete': { kind: 'account.delete', name: 'bob' },
  'role.create': { kind: 'role.create', name: 'testers', rules: [] },
  'role.alter': { kind: 'role.alter', name: 'testers', rules: [] },
  'role.delete': { kind: 'role.delete', name: 'testers' },
  'token.create': {
    ...{ kind: 'token.create', id: 'token-1', account: 'bob', label: '', expiresAtMs: -1 },
    hash: bytes,
  },
  'token.revoke': { kind: 'token.revoke', id: 'token-1' },
  'delegation-token.create': {
    ...{ kind: 'delegation-token.create', id: 'd-1', owner: 'User:bob', renewers: [] },
    ...{ maxLifetimeMs: -1, hmac: bytes },
  },
  'delegation-token.renew': { kind: 'delegation-token.renew', id: 'd-1', renewPeriodMs: -1 },
  'delegation-token.expire': { kind: 'delegation-token.expire', id: 'd-1', expiryPeriodMs: -1 },
  'group.offsets.reset': {
    ...{ kind: 'group.offsets.reset', groupId: 'g' },
    offsets: [{ topic: 'orders', partition: 0, offset: 5 }],
  },
  'group.offsets.delete': {
    ...{ kind: 'group.offsets.delete', groupId: 'g', topic: 'orders' },
    partitions: [0],
  },
  'group.delete': { kind: 'group.delete', groupId: 'g' },
  'listener.alter': { kind: 'listener.alter', name: 'OUTSIDE', change: { to: 'removed' } },
  'disk.capacity.alter': { kind: 'disk.capacity.alter', capacityBytes: null },
  'retention-policy.alter': { kind: 'retention-policy.alter', policy: null },
  'backup.create': { kind: 'backup.create', backupId: 'b-1', phase: 'running' },
  'backup.restore': {
    ...{ kind: 'backup.restore', backupId: 'b-1', createdAt: '2026-11-20T14:00:00.000Z' },
    ...{ historySize: 5, historyRoot: 'root' },
  },
  'audit.key.rotate': { kind: 'audit.key.rotate', verifierKey: 'k', endorsement: null },
  'person.erase': { kind: 'person.erase', account: 'bob' },
  'rule.put': { kind: 'rule.put', group: { name: 'lag', rules: [] } },
  'rule.delete': { kind: 'rule.delete', name: 'lag' },
  'contact-point.put': { kind: 'contact-point.put', name: 'on-call', settings: {} },
  'contact-point.delete': { kind: 'contact-point.delete', name: 'on-call' },
  'notification-policy.put': { kind: 'notification-policy.put', policy: null },
  ...(Object.fromEntries(
    reportedKinds.map((kind) => [
      kind,
      { ...{ kind, name: 'thing', outbox: 'outbox-1' }, position: 1, from: null, to: null },
    ]),
  ) as unknown as { readonly [Kind in ReportedKind]: Extract<Command, { kind: Kind }> }),
}

const state = exampleState(exampleTopic('orders'))
state.putDeletedTopic({
  ...exampleTopic('gone'),
  ...{ deletedAtMs: 1, purgeAtMs: 2, isPurging: false },
})
state.tables.tokens.set('token-1', {
  ...{ id: 'token-1', account: 'bob', label: '', createdAtMs: 0, expiresAtMs: -1 },
  secret: { secretId: 's', commitment: 'c' },
})

/** Allows exactly these, and keeps what it was asked. */
function authorizerThat(allowed: readonly string[]): { asked: string[]; authorizer: Authorizer } {
  const asked: string[] = []
  const authorizer: Authorizer = {
    authorize(_who, operation, resourceType, resourceName) {
      const question = `${operation} ${resourceType}:${resourceName}`
      asked.push(question)
      return { allowed: allowed.includes(question), rule: `rule for ${question}` }
    },
  }
  return { asked, authorizer }
}

describe('authorization', () => {
  it('asks these questions, and denies when one is answered no', async () => {
    const lines: string[] = []
    for (const kind of operationKinds) {
      const command = examples[kind]
      const none = authorizerThat([])
      const access = authorizeCommand(command, alice, state, none.authorizer)
      lines.push(
        `${kind}: ${none.asked.join(', ') || '-'} -> ${access.decision.allowed ? 'allowed' : access.error}\n`,
      )
      if (operationOf(command).needs.length > 0) expect(access.decision.allowed, kind).toBe(false)
      const all = authorizerThat(questionsOf(command))
      expect(authorizeCommand(command, alice, state, all.authorizer).decision.allowed).toBe(true)
    }
    await expect(lines.join('')).toMatchFileSnapshot('./golden/authorization.txt')
  })

  it('needs every one of several permissions', () => {
    const command = examples['group.offsets.reset']
    for (const missing of questionsOf(command)) {
      const others = questionsOf(command).filter((question) => question !== missing)
      const { authorizer } = authorizerThat(others)
      expect(authorizeCommand(command, alice, state, authorizer).decision.allowed).toBe(false)
    }
  })

  it('asks for both names when a topic comes back under another', () => {
    for (const old of [{ id: 'gone-id' }, { name: 'gone' }]) {
      const command = { kind: 'topic.restore', ...old, newName: 'mine' } as const
      expect(questionsOf(command)).toEqual(['CREATE TOPIC:gone', 'CREATE TOPIC:mine'])
      const { authorizer } = authorizerThat(['CREATE TOPIC:mine'])
      expect(authorizeCommand(command, alice, state, authorizer).decision.allowed).toBe(false)
    }
  })

  it('asks at the HTTP door for passwords that open it', () => {
    const anybody: Actor = { ...alice, door: 'kafka', principal: 'User:ANONYMOUS' }
    const openKafka: Authorizer = {
      authorize: ({ door }) => ({ allowed: door === 'kafka', rule: 'no-authorizer' }),
    }
    const own = exampleState()
    own.tables.accounts.set('ann', {
      ...{ name: 'ann', roles: ['admin'], isDisabled: false, person: null, createdAtMs: 0 },
    })
    for (const kind of ['user.scram.upsert', 'user.scram.delete'] as const) {
      const mayChange = (name: string): boolean =>
        authorizeCommand({ ...examples[kind], name }, anybody, own, openKafka).decision.allowed
      expect(['bob', 'ann', 'root'].map(mayChange)).toEqual([true, false, false])
    }
  })

  it('leaves what root logs in with to root, who is an account of the HTTP door', () => {
    const own = exampleState()
    own.tables.tokens.set('root-token-1', {
      ...{ id: 'root-token-1', account: 'root', label: '', createdAtMs: 0, expiresAtMs: -1 },
      secret: { secretId: 's', commitment: 'c' },
    })
    const credentials: readonly Command[] = [
      { ...examples['token.create'], account: 'root' },
      { ...examples['token.revoke'], id: 'root-token-1' },
      { ...examples['user.scram.upsert'], name: 'root' },
      { ...examples['user.scram.delete'], name: 'root' },
      { ...examples['delegation-token.create'], owner: 'User:root' },
    ]
    const everything: Authorizer = { authorize: () => ({ allowed: true, rule: 'super-user' }) }
    const mayChange = (actor: Actor): readonly boolean[] =>
      credentials.map(
        (command) => authorizeCommand(command, actor, own, everything).decision.allowed,
      )
    const admin: Actor = { ...alice, door: 'http' }
    const root: Actor = { ...alice, door: 'http', principal: 'User:root' }
    expect(mayChange(admin)).toEqual([false, false, false, false, false])
    expect(mayChange({ ...root, door: 'kafka' })).toEqual([false, false, false, false, false])
    expect(mayChange(root)).toEqual([true, true, true, true, true])
    expect(mayChange({ ...root, door: 'cli' })).toEqual([true, true, true, true, true])
  })

  it('gives the passwords of accounts to nobody whom the Kafka door calls root', () => {
    const asHttpDecides: Authorizer = {
      authorize: ({ door, principal }) => ({
        allowed: door === 'http' && principal === 'User:root',
        rule: 'root',
      }),
    }
    const own = exampleState()
    own.tables.accounts.set('ann', {
      ...{ name: 'ann', roles: ['admin'], isDisabled: false, person: null, createdAtMs: 0 },
    })
    const command = { ...examples['user.scram.upsert'], name: 'ann' }
    const namesake: Actor = { ...alice, principal: 'User:root', mechanism: 'OAUTHBEARER' }
    expect(authorizeCommand(command, namesake, own, asHttpDecides).decision.allowed).toBe(false)
    const root: Actor = { ...namesake, door: 'http', mechanism: 'root-token' }
    expect(authorizeCommand(command, root, own, asHttpDecides).decision.allowed).toBe(true)
  })

  it('lets everybody have tokens of their own', () => {
    const bob: Actor = { ...alice, principal: 'User:bob' }
    const { asked, authorizer } = authorizerThat([])
    for (const kind of ['token.create', 'token.revoke', 'delegation-token.create'] as const) {
      const { decision } = authorizeCommand(examples[kind], bob, state, authorizer)
      expect(decision).toEqual({ allowed: true, rule: 'own' })
    }
    expect(asked).toEqual([])
  })

  it('denies nothing to the broker itself', () => {
    const { asked, authorizer } = authorizerThat([])
    const system: Actor = { ...alice, door: 'system' }
    expect(authorizeCommand(examples['topic.purge'], system, state, authorizer).decision).toEqual({
      allowed: true,
      rule: 'system',
    })
    expect(asked).toEqual([])
  })
})

/** All that a command asks when nothing else is in its way. */
function questionsOf(command: Command): string[] {
  const questions: string[] = []
  for (const { anyOf, names } of operationOf(command).needs) {
    for (const name of names(command, state)) {
      const last = anyOf.at(-1)
      const [operation, type] = [last?.operation as AclOperation, last?.resourceType]
      questions.push(`${operation} ${type}:${type === 'CLUSTER' ? 'kafka-cluster' : name}`)
    }
  }
  return questions
}

describe('a denied command', () => {
  it('changes nothing, is answered by the code of what was denied, and is recorded with the rule', async () => {
    const world = await ControlWorld.open({
      authorizer: () => authorizerThat(['CREATE CLUSTER:kafka-cluster']).authorizer,
    })
    await world.run(createTopic('orders'))
    const outcome = await world.run({ kind: 'topic.delete', name: 'orders' })
    expect(outcome).toEqual({
      error: 'TOPIC_AUTHORIZATION_FAILED',
      message: 'Authorization failed.',
      ...{ seq: 2, after: null },
    })
    expect(world.control.state.topics.has('orders')).toBe(true)
    const [, created, denied] = await recordsOf(world)
    expect(created?.decision).toEqual({
      allowed: true,
      rule: 'rule for CREATE CLUSTER:kafka-cluster',
    })
    expect(denied).toMatchObject({
      operation: 'topic.delete',
      resource: { kind: 'topic', name: 'orders', id: null },
      decision: { allowed: false, rule: 'rule for DELETE TOPIC:orders' },
      outcome: { code: 'TOPIC_AUTHORIZATION_FAILED' },
      before: null,
      after: null,
    })
    await world.stop()
  })

  it('is denied before anything else is looked at', async () => {
    const world = await ControlWorld.open({ authorizer: () => authorizerThat([]).authorizer })
    const upsert = { ...examples['user.scram.upsert'], iterations: 1 }
    expect((await world.run(upsert)).error).toBe('CLUSTER_AUTHORIZATION_FAILED')
    const reset = await world.run(examples['group.offsets.reset'])
    expect(reset.error).toBe('GROUP_AUTHORIZATION_FAILED')
    expect((await recordsOf(world)).slice(1).map(({ outcome }) => outcome.code)).toEqual([
      'CLUSTER_AUTHORIZATION_FAILED',
      'GROUP_AUTHORIZATION_FAILED',
    ])
    await world.stop()
  })
})

describe('a call of all or nothing', () => {
  it('does nothing when one part is refused, and records every part', async () => {
    const world = await ControlWorld.open()
    const outcomes = await world.control.execute(
      [createTopic('a'), createTopic('a b'), createTopic('c')],
      alice,
      { allOrNothing: true },
    )
    expect(outcomes.map(({ error, seq }) => [error, seq])).toEqual([
      ['OPERATION_NOT_ATTEMPTED', 1],
      ['INVALID_TOPIC_EXCEPTION', 2],
      ['OPERATION_NOT_ATTEMPTED', 3],
    ])
    expect([...world.control.state.topics.keys()]).toEqual(['__audit', '__events'])
    const whole = await world.control.execute([createTopic('a'), createTopic('c')], alice, {
      allOrNothing: true,
    })
    expect(whole.map(({ error }) => error)).toEqual(['NONE', 'NONE'])
    await world.stop()
  })
})

describe('an expected version', () => {
  it('refuses what was decided on something that changed since', async () => {
    const world = await ControlWorld.open()
    const { seq } = await world.run(createTopic('orders'))
    const grow = (totalCount: number): Command => ({
      ...{ kind: 'topic.partitions.create', name: 'orders', totalCount },
      assignments: null,
    })
    const expecting = async (expectedSeq: number, totalCount: number) => {
      const [outcome] = await world.control.execute([grow(totalCount)], alice, { expectedSeq })
      return outcome?.error
    }
    expect(await expecting(seq, 2)).toBe('NONE')
    expect(await expecting(seq, 3)).toBe('INVALID_UPDATE_VERSION')
    const topic = world.control.state.topics.get('orders')
    expect(world.control.resources.get(`topic:${topic?.id}`)?.seq).toBe(seq + 1)
    expect(await expecting(seq + 1, 3)).toBe('NONE')
    await world.stop()
  })
})
