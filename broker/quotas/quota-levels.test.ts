import { describe, expect, it } from 'vitest'
import type { ClientQuota, QuotaEntity } from '../control/index.ts'
import { quotaEntityKey } from '../control/index.ts'
import { limitOf, limitOfAddress } from './quota-levels.ts'

/** Entities that say something of alice with the client id `app`, most specific first, and what their limit is. */
const LEVELS: readonly (readonly [QuotaEntity, number, string])[] = [
  [{ user: 'alice', clientId: 'app' }, 1, 'user-and-client-id'],
  [{ user: 'alice', clientId: null }, 2, 'user-and-client-id'],
  [{ user: 'alice' }, 3, 'user'],
  [{ user: null, clientId: 'app' }, 4, 'user-and-client-id'],
  [{ user: null, clientId: null }, 5, 'user-and-client-id'],
  [{ user: null }, 6, 'user'],
  [{ clientId: 'app' }, 7, 'client-id'],
  [{ clientId: null }, 8, 'client-id'],
]

type Rows = readonly (readonly [QuotaEntity, number, ...unknown[]])[]

function quotasOf(rows: Rows, key: keyof ClientQuota['limits'] = 'producer_byte_rate') {
  return new Map(
    rows.map(([entity, limit]) => [quotaEntityKey(entity), { entity, limits: { [key]: limit } }]),
  )
}

describe('the order in which quotas decide', () => {
  it.each(LEVELS.map(([entity, limit, scope], n) => [n + 1, entity, limit, scope] as const))(
    'level %i, %j, decides where no level before it has a limit',
    (level, _entity, limit, scope) => {
      const quotas = quotasOf(LEVELS.slice(level - 1))
      expect(limitOf(quotas, 'producer_byte_rate', 'alice', 'app')).toEqual({ limit, scope })
    },
  )

  it('finds nothing where no level has a limit', () => {
    expect(limitOf(new Map(), 'producer_byte_rate', 'alice', 'app')).toBeNull()
    const others: Rows = [
      [{ user: 'bob' }, 1],
      [{ user: 'bob', clientId: 'app' }, 1],
      [{ user: 'alice', clientId: 'other' }, 1],
      [{ clientId: 'other' }, 1],
      [{ ip: null }, 1],
    ]
    expect(limitOf(quotasOf(others), 'producer_byte_rate', 'alice', 'app')).toBeNull()
  })

  it('is one of its own for each kind of limit', () => {
    const quotas = new Map([
      ...quotasOf([[{ user: 'alice', clientId: 'app' }, 1]], 'producer_byte_rate'),
      ...quotasOf([[{ clientId: null }, 8]], 'consumer_byte_rate'),
    ])
    expect(limitOf(quotas, 'consumer_byte_rate', 'alice', 'app')).toEqual({
      limit: 8,
      scope: 'client-id',
    })
  })

  it('leaves a client without an id to the quotas of users', () => {
    const all = quotasOf(LEVELS)
    expect(limitOf(all, 'producer_byte_rate', 'alice', '')?.limit).toBe(3)
    expect(limitOf(all, 'producer_byte_rate', 'bob', '')?.limit).toBe(6)
    const byClientId = quotasOf(LEVELS.filter(([{ clientId }]) => clientId !== undefined))
    expect(limitOf(byClientId, 'producer_byte_rate', 'alice', '')).toBeNull()
  })
})

describe('the rate of an address', () => {
  it('is its own, or that of the default', () => {
    const rows: Rows = [
      [{ ip: '10.0.0.1' }, 5],
      [{ ip: null }, 50],
    ]
    const quotas = quotasOf(rows, 'connection_creation_rate')
    expect(limitOfAddress(quotas, '10.0.0.1')).toEqual({ limit: 5, sharers: '10.0.0.1' })
    expect(limitOfAddress(quotas, '10.0.0.2')).toEqual({ limit: 50, sharers: '10.0.0.2' })
    expect(limitOfAddress(new Map(), '10.0.0.1')).toBeNull()
  })
})
