import { describe, expect, it } from 'vitest'
import type { AlterClientQuota } from '../commands.ts'
import type { QuotaEntity } from '../quotas.ts'
import { quotaEntityKey } from '../quotas.ts'
import { decideAlterClientQuota } from './client-quotas.ts'
import { exampleState } from './fixture.ts'

type Changes = AlterClientQuota['changes']

const entity: QuotaEntity = { user: 'alice', clientId: null }
const alter = (changes: Changes, whom: QuotaEntity = entity) =>
  ({ kind: 'quota.alter', entity: whom, changes }) as const

describe('quota.alter', () => {
  it('sets limits, keeps the others, and removes the entity with its last one', () => {
    const state = exampleState()
    const key = quotaEntityKey(entity)
    expect(key).toBe('user=alice,clientId:default')
    state.tables.quotas.set(key, { entity, limits: { producer_byte_rate: 5 } })
    expect(
      decideAlterClientQuota(state, alter([{ key: 'request_percentage', value: 12.5 }])),
    ).toEqual({
      error: 'NONE',
      resource: { kind: 'client-quota', name: key, id: null },
      before: { entity, limits: { producer_byte_rate: 5 } },
      after: { entity, limits: { producer_byte_rate: 5, request_percentage: 12.5 } },
      reversal: 'full',
      result: { entity, limits: { producer_byte_rate: 5, request_percentage: 12.5 } },
    })
    expect(
      decideAlterClientQuota(state, alter([{ key: 'producer_byte_rate', value: null }])),
    ).toMatchObject({ error: 'NONE', after: null, result: null })
  })

  it.each<[QuotaEntity, Changes, string]>([
    [{}, [], 'empty client quota entity'],
    [{ user: '' }, [], 'must not be empty'],
    [{ user: 'a', ip: '10.0.0.1' }, [], 'stands alone'],
    [{ ip: 'nowhere' }, [], 'not a valid IP'],
    [{ ip: '2001:DB8:0:0::1' }, [], 'as 2001:db8::1'],
    [{ ip: '::ffff:10.0.0.1' }, [], 'as 10.0.0.1'],
    [{ ip: 'fe80::1%eth0' }, [], 'as fe80::1'],
    [{ ip: null }, [{ key: 'producer_byte_rate', value: 1 }], 'Invalid configuration key'],
    [entity, [{ key: 'connection_creation_rate', value: 1 }], 'Invalid configuration key'],
    [entity, [{ key: 'producer_byte_rate', value: 1.5 }], 'must be a Long value'],
    [entity, [{ key: 'producer_byte_rate', value: 0 }], 'greater than 0'],
    [entity, [{ key: 'producer_byte_rate', value: Number.NaN }], 'greater than 0'],
    [
      entity,
      [
        { key: 'producer_byte_rate', value: 1 },
        { key: 'producer_byte_rate', value: 2 },
      ],
      'Duplicate quota key',
    ],
  ])('refuses %j with %j: %s', (whom, changes, message) => {
    expect(decideAlterClientQuota(exampleState(), alter(changes, whom))).toMatchObject({
      error: 'INVALID_REQUEST',
      message: expect.stringContaining(message),
    })
  })

  it('tells entities apart whatever their names are', () => {
    const entities: QuotaEntity[] = [
      { user: 'a,clientId=b' },
      { user: 'a', clientId: 'b' },
      { user: null },
      { user: 'default' },
      { user: ':default' },
      { clientId: 'a' },
    ]
    expect(new Set(entities.map(quotaEntityKey)).size).toBe(entities.length)
  })
})
