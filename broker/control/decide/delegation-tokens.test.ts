import { describe, expect, it } from 'vitest'
import type { CreateDelegationToken } from '../commands.ts'
import type { DelegationToken } from '../identities.ts'
import {
  decideCreateDelegationToken,
  decideExpireDelegationToken,
  decideRenewDelegationToken,
} from './delegation-tokens.ts'
import { exampleContext, exampleState } from './fixture.ts'

const NOW_MS = 1_700_000_000_000
const DAY_MS = 86_400_000

const create: CreateDelegationToken = {
  kind: 'delegation-token.create',
  id: 'token-1',
  owner: 'User:alice',
  renewers: ['User:bob'],
  maxLifetimeMs: -1,
  hmac: Buffer.alloc(64, 'h'),
}

const token: DelegationToken = {
  ...{ id: 'token-1', owner: 'User:alice', requester: 'User:alice', renewers: ['User:bob'] },
  issuedAtMs: NOW_MS - DAY_MS,
  expiresAtMs: NOW_MS + 1000,
  maxTimestampMs: NOW_MS + 2 * DAY_MS,
  secret: { secretId: 'secret-1', commitment: 'c' },
}

function stateWith(...tokens: readonly DelegationToken[]) {
  const state = exampleState()
  for (const one of tokens) state.tables.delegationTokens.set(one.id, one)
  return state
}

describe('delegation-token.create', () => {
  it('lives as long as the broker allows, and its HMAC is a secret', () => {
    const decision = decideCreateDelegationToken(exampleState(), create, exampleContext())
    if (decision.error !== 'NONE') throw new Error(decision.message)
    expect(decision.result).toMatchObject({
      requester: 'User:alice',
      issuedAtMs: NOW_MS,
      expiresAtMs: NOW_MS + DAY_MS,
      maxTimestampMs: NOW_MS + 7 * DAY_MS,
    })
    expect(JSON.stringify(decision.after)).not.toContain('hhhh')
    expect(decision.secrets).toMatchObject([{ op: 'put', value: create.hmac }])
  })

  it.each([
    [{ 'delegation.token.max.lifetime.ms': '500' }, -1, { maxTimestampMs: NOW_MS + 500 }],
    [{ 'delegation.token.max.lifetime.ms': '500' }, 900, { maxTimestampMs: NOW_MS + 500 }],
    [{}, 900, { maxTimestampMs: NOW_MS + 900, expiresAtMs: NOW_MS + 900 }],
    [{ 'delegation.token.expiry.time.ms': '70' }, -1, { expiresAtMs: NOW_MS + 70 }],
  ])('with %j and a lifetime of %i has %j', (overrides, maxLifetimeMs, expected) => {
    const command = { ...create, maxLifetimeMs }
    const context = exampleContext(overrides)
    expect(decideCreateDelegationToken(exampleState(), command, context)).toMatchObject({
      result: expected,
    })
  })

  it.each([
    [{ owner: 'Group:x' }, 'INVALID_PRINCIPAL_TYPE'],
    [{ renewers: ['bob'] }, 'INVALID_PRINCIPAL_TYPE'],
    [{ renewers: Array(101).fill('User:bob') }, 'INVALID_REQUEST'],
    [{ owner: `User:${'x'.repeat(300)}` }, 'INVALID_REQUEST'],
  ])('refuses %j: %s', (changes, error) => {
    const command = { ...create, ...changes }
    const decision = decideCreateDelegationToken(exampleState(), command, exampleContext())
    expect(decision).toMatchObject({ error })
  })
})

it('delegation-token.create refuses an id that is taken', () => {
  const decision = decideCreateDelegationToken(stateWith(token), create, exampleContext())
  expect(decision).toMatchObject({ error: 'DUPLICATE_RESOURCE' })
})

describe('delegation-token.renew', () => {
  const renew = { kind: 'delegation-token.renew', id: 'token-1', renewPeriodMs: -1 } as const

  it.each([
    [-1, NOW_MS + DAY_MS],
    [5000, NOW_MS + 5000],
    [100 * DAY_MS, NOW_MS + DAY_MS],
  ])('for %i ms lets it live until %i', (renewPeriodMs, expiresAtMs) => {
    const command = { ...renew, renewPeriodMs }
    expect(decideRenewDelegationToken(stateWith(token), command, exampleContext())).toMatchObject({
      error: 'NONE',
      result: { expiresAtMs },
    })
  })

  it('never lives longer than its longest life', () => {
    const old = { ...token, maxTimestampMs: NOW_MS + 10 }
    expect(decideRenewDelegationToken(stateWith(old), renew, exampleContext())).toMatchObject({
      result: { expiresAtMs: NOW_MS + 10 },
    })
  })

  it.each([
    [{ id: 'nobody' }, token, 'DELEGATION_TOKEN_NOT_FOUND'],
    [{}, { ...token, expiresAtMs: NOW_MS - 1 }, 'DELEGATION_TOKEN_EXPIRED'],
    [{}, { ...token, owner: 'User:x', renewers: [] }, 'DELEGATION_TOKEN_OWNER_MISMATCH'],
  ])('of %j is refused for %j: %s', (changes, stored, error) => {
    const command = { ...renew, ...changes }
    const decision = decideRenewDelegationToken(stateWith(stored), command, exampleContext())
    expect(decision).toMatchObject({ error })
  })

  it('may be done by a renewer', () => {
    const others = { ...token, owner: 'User:x', renewers: ['User:alice'] }
    const decision = decideRenewDelegationToken(stateWith(others), renew, exampleContext())
    expect(decision.error).toBe('NONE')
  })
})

describe('delegation-token.expire', () => {
  const expire = { kind: 'delegation-token.expire', id: 'token-1', expiryPeriodMs: -1 } as const

  it('at once removes it, and its secret', () => {
    expect(decideExpireDelegationToken(stateWith(token), expire, exampleContext())).toMatchObject({
      error: 'NONE',
      after: null,
      secrets: [{ op: 'erase', secretId: 'secret-1' }],
    })
  })

  it('later only shortens its life', () => {
    const command = { ...expire, expiryPeriodMs: 20 }
    expect(decideExpireDelegationToken(stateWith(token), command, exampleContext())).toMatchObject({
      result: { expiresAtMs: NOW_MS + 20 },
    })
  })

  it('is what the broker does with tokens that nobody may touch any more', () => {
    const old = { ...token, owner: 'User:x', expiresAtMs: NOW_MS - 1 }
    const context = { ...exampleContext(), principal: 'System:broker', isSystem: true }
    expect(decideExpireDelegationToken(stateWith(old), expire, context).error).toBe('NONE')
  })
})
