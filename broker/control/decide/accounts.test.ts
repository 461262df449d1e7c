import { describe, expect, it } from 'vitest'
import type { RoleRule } from '../access.ts'
import type { CreateToken } from '../commands.ts'
import type { Account, User } from '../identities.ts'
import {
  decideAlterAccount,
  decideCreateAccount,
  decideDeleteAccount,
  decideErasePerson,
} from './accounts.ts'
import { exampleContext, exampleState } from './fixture.ts'
import { decideAlterRole, decideCreateRole, decideDeleteRole } from './roles.ts'
import { decideCreateToken, decideRevokeToken } from './tokens.ts'

const alice: Account = {
  name: 'alice',
  roles: ['viewer'],
  isDisabled: false,
  person: { secretId: 'person-1', commitment: 'c' },
  createdAtMs: 5,
}

const passwordOfAlice: User = {
  name: 'alice',
  credentials: { 'SCRAM-SHA-256': { secretId: 'scram-1', commitment: 'c', iterations: 4096 } },
}

function stateWith(...accounts: readonly Account[]) {
  const state = exampleState()
  for (const account of accounts) state.tables.accounts.set(account.name, account)
  return state
}

describe('account.create', () => {
  it('keeps what is known of the person as a secret', () => {
    const person = { displayName: 'Bob B.', email: 'bob@example.com' }
    const decision = decideCreateAccount(
      exampleState(),
      { kind: 'account.create', name: 'bob', roles: ['admin', 'admin'], person },
      exampleContext(),
    )
    if (decision.error !== 'NONE') throw new Error(decision.message)
    expect(decision.result).toMatchObject({ name: 'bob', roles: ['admin'], isDisabled: false })
    expect(JSON.stringify([decision.before, decision.after])).not.toContain('Bob B.')
    const [put] = decision.secrets ?? []
    expect(put?.op === 'put' && JSON.parse(put.value.toString())).toEqual(person)
  })

  it.each([
    [{ name: '' }, 'INVALID_REQUEST', 'must not be empty'],
    [{ name: 'root' }, 'INVALID_REQUEST', 'root account exists'],
    [{ name: 'ANONYMOUS' }, 'INVALID_REQUEST', 'everybody who did not log in'],
    [{ name: 'alice' }, 'DUPLICATE_RESOURCE', 'exists'],
    [{ roles: ['nobody'] }, 'INVALID_REQUEST', 'There is no role nobody'],
    [{ roles: Array(101).fill('viewer') }, 'INVALID_REQUEST', 'at most 100 roles'],
    [{ person: { email: 'x'.repeat(5000) } }, 'INVALID_REQUEST', 'at most 4096 bytes'],
  ])('refuses %j: %s', (changes, error, message) => {
    const command = { kind: 'account.create', name: 'bob', roles: [], ...changes } as const
    expect(decideCreateAccount(stateWith(alice), command, exampleContext())).toMatchObject({
      error,
      message: expect.stringContaining(message),
    })
  })
})

describe('the password of a name', () => {
  it('keeps an account from being made, and from being deleted, until it is removed', () => {
    const fresh = exampleState()
    fresh.tables.users.set('alice', passwordOfAlice)
    const create = { kind: 'account.create', name: 'alice', roles: [] } as const
    expect(decideCreateAccount(fresh, create, exampleContext())).toMatchObject({
      error: 'POLICY_VIOLATION',
      message: expect.stringContaining('has a password'),
    })
    const existing = stateWith(alice)
    existing.tables.users.set('alice', passwordOfAlice)
    const remove = { kind: 'account.delete', name: 'alice' } as const
    expect(decideDeleteAccount(existing, remove)).toMatchObject({ error: 'POLICY_VIOLATION' })
    existing.tables.users.delete('alice')
    expect(decideDeleteAccount(existing, remove)).toMatchObject({ error: 'NONE' })
  })
})

describe('account.alter', () => {
  it('changes what is named, and erases personal data that is replaced', () => {
    const decision = decideAlterAccount(
      stateWith(alice),
      { kind: 'account.alter', name: 'alice', isDisabled: true, person: { displayName: 'A' } },
      exampleContext(),
    )
    if (decision.error !== 'NONE') throw new Error(decision.message)
    expect(decision.result).toMatchObject({ roles: ['viewer'], isDisabled: true, createdAtMs: 5 })
    expect(decision.secrets?.[1]).toEqual({ op: 'erase', secretId: 'person-1' })
  })

  it('refuses an account that is not there', () => {
    const command = { kind: 'account.alter', name: 'nobody' } as const
    expect(decideAlterAccount(exampleState(), command, exampleContext())).toMatchObject({
      error: 'RESOURCE_NOT_FOUND',
    })
  })
})

describe('account.delete and person.erase', () => {
  it('erase what is known of the person', () => {
    const erased = [{ op: 'erase', secretId: 'person-1' }]
    expect(
      decideDeleteAccount(stateWith(alice), { kind: 'account.delete', name: 'alice' }),
    ).toMatchObject({ error: 'NONE', after: null, secrets: erased })
    expect(
      decideErasePerson(stateWith(alice), { kind: 'person.erase', account: 'alice' }),
    ).toMatchObject({
      error: 'NONE',
      before: { person: { secretId: 'person-1' } },
      after: { name: 'alice', person: null },
      reversal: 'none',
      secrets: erased,
    })
  })

  it('leave an account alone that has tokens', () => {
    const state = stateWith(alice)
    const token = decideCreateToken(
      state,
      {
        kind: 'token.create',
        id: 'token-1',
        account: 'alice',
        label: 'ci',
        expiresAtMs: -1,
        hash: Buffer.alloc(32),
      },
      exampleContext(),
    )
    if (token.error !== 'NONE' || !token.result) throw new Error('refused')
    state.tables.tokens.set('token-1', token.result)
    const remove = { kind: 'account.delete', name: 'alice' } as const
    expect(decideDeleteAccount(state, remove)).toMatchObject({ error: 'POLICY_VIOLATION' })
  })
})

describe('token.create', () => {
  const command: CreateToken = {
    kind: 'token.create',
    id: 'token-1',
    account: 'alice',
    label: 'ci',
    expiresAtMs: 1_700_000_000_001,
    hash: Buffer.alloc(32, 'h'),
  }

  it('keeps the hash as a secret', () => {
    const decision = decideCreateToken(stateWith(alice), command, exampleContext())
    if (decision.error !== 'NONE') throw new Error(decision.message)
    expect(decision).toMatchObject({ after: { id: 'token-1', account: 'alice', label: 'ci' } })
    expect(JSON.stringify(decision.after)).not.toContain(
      Buffer.from(command.hash).toString('base64'),
    )
    expect(decision.secrets).toMatchObject([{ op: 'put', value: command.hash }])
  })

  it('ends with the credential that asks for it when no end is asked for', () => {
    const notAfterMs = 1_700_000_000_500
    const end = (changes: Partial<CreateToken>): unknown => {
      const decision = decideCreateToken(
        stateWith(alice),
        { ...command, ...changes },
        exampleContext(),
      )
      return decision.error === 'NONE' ? decision.result?.expiresAtMs : decision
    }
    expect(end({ expiresAtMs: -1, notAfterMs })).toBe(notAfterMs)
    expect(end({ expiresAtMs: notAfterMs, notAfterMs })).toBe(notAfterMs)
    expect(end({ expiresAtMs: -1 })).toBe(-1)
    expect(end({ expiresAtMs: notAfterMs + 1, notAfterMs })).toMatchObject({
      error: 'INVALID_REQUEST',
      message: expect.stringContaining('outlive the credential'),
    })
  })

  it('is allowed for the root account, which has no record', () => {
    const asked = { ...command, account: 'root' }
    expect(decideCreateToken(exampleState(), asked, exampleContext()).error).toBe('NONE')
  })

  it.each([
    [{ account: 'nobody' }, 'RESOURCE_NOT_FOUND'],
    [{ hash: Buffer.alloc(31) }, 'INVALID_REQUEST'],
    [{ expiresAtMs: 1_700_000_000_000 }, 'INVALID_REQUEST'],
    [{ label: 'x'.repeat(256) }, 'INVALID_REQUEST'],
  ])('refuses %j: %s', (changes, error) => {
    const asked = { ...command, ...changes }
    expect(decideCreateToken(stateWith(alice), asked, exampleContext())).toMatchObject({ error })
  })

  it('has an end: an account has a hundred tokens', () => {
    const state = stateWith(alice)
    for (let number = 0; number < 100; number++) {
      const id = `token-${number}`
      const decision = decideCreateToken(state, { ...command, id }, exampleContext())
      if (decision.error !== 'NONE' || !decision.result) throw new Error('refused')
      state.tables.tokens.set(id, decision.result)
    }
    const next = decideCreateToken(state, { ...command, id: 'more' }, exampleContext())
    expect(next).toMatchObject({ error: 'POLICY_VIOLATION' })
    const again = decideCreateToken(state, { ...command, id: 'token-5' }, exampleContext())
    expect(again).toMatchObject({ error: 'DUPLICATE_RESOURCE' })
    expect(decideRevokeToken(state, { kind: 'token.revoke', id: 'token-5' })).toMatchObject({
      error: 'NONE',
      after: null,
      reversal: 'none',
      secrets: [{ op: 'erase' }],
    })
    expect(decideRevokeToken(state, { kind: 'token.revoke', id: 'nobody' })).toMatchObject({
      error: 'RESOURCE_NOT_FOUND',
    })
  })
})

describe('roles', () => {
  const rules: readonly RoleRule[] = [
    { resourceType: 'TOPIC', operation: 'READ', resourceName: 'a', patternType: 'PREFIXED' },
  ]

  it('are created, altered and deleted', () => {
    const state = stateWith({ ...alice, roles: ['testers'] })
    const create = { kind: 'role.create', name: 'testers', rules } as const
    const created = decideCreateRole(state, create)
    if (created.error !== 'NONE' || !created.result) throw new Error('refused')
    state.tables.roles.set('testers', created.result)
    expect(decideCreateRole(state, create)).toMatchObject({ error: 'DUPLICATE_RESOURCE' })
    expect(
      decideAlterRole(state, { kind: 'role.alter', name: 'testers', rules: [] }),
    ).toMatchObject({ before: { rules }, after: { rules: [] } })
    const remove = { kind: 'role.delete', name: 'testers' } as const
    expect(decideDeleteRole(state, remove)).toMatchObject({ error: 'POLICY_VIOLATION' })
    state.tables.accounts.delete('alice')
    expect(decideDeleteRole(state, remove)).toMatchObject({ error: 'NONE', after: null })
  })

  it('that are built in, or not there, are left alone', () => {
    const state = exampleState()
    expect(decideCreateRole(state, { kind: 'role.create', name: 'admin', rules })).toMatchObject({
      error: 'INVALID_REQUEST',
    })
    expect(decideAlterRole(state, { kind: 'role.alter', name: 'admin', rules })).toMatchObject({
      error: 'INVALID_REQUEST',
    })
    expect(decideDeleteRole(state, { kind: 'role.delete', name: 'viewer' })).toMatchObject({
      error: 'INVALID_REQUEST',
    })
    expect(decideAlterRole(state, { kind: 'role.alter', name: 'no', rules })).toMatchObject({
      error: 'RESOURCE_NOT_FOUND',
    })
    expect(decideDeleteRole(state, { kind: 'role.delete', name: 'no' })).toMatchObject({
      error: 'RESOURCE_NOT_FOUND',
    })
  })
})
