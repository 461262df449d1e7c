import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encodable } from '../../protocol/index.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
  errors,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

let broker: TestBroker
let client: RawClient
beforeEach(async () => {
  broker = await startTestBroker()
  client = await broker.connect()
})
afterEach(() => broker.stop())

type Alteration = Encodable<typeof AlterClientQuotasRequest>['entries'][number]
type Parts = Readonly<Record<string, string | null>>

const entityOf = (parts: Parts) =>
  Object.entries(parts).map(([entityType, entityName]) => ({ entityType, entityName }))

const altering = (parts: Parts, ops: Readonly<Record<string, number | null>>): Alteration => ({
  entity: entityOf(parts),
  ops: Object.entries(ops).map(([key, value]) => ({
    ...{ key, value: value ?? 0, remove: value === null },
  })),
})

async function alter(
  entries: readonly Alteration[],
  { version = 1, validateOnly = false } = {},
): Promise<readonly (string | null)[]> {
  const body = { entries, validateOnly }
  const answer = await client.send(
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    version,
    body,
  )
  expect(answer.entries.map(({ entity }) => entity)).toEqual(entries.map(({ entity }) => entity))
  return answer.entries.map(({ errorCode, errorMessage }) => {
    expect([0, errors.INVALID_REQUEST.code]).toContain(errorCode)
    return errorCode === 0 ? null : errorMessage
  })
}

const EXACT = 0
const DEFAULT = 1
const ANY = 2
type Component = readonly [entityType: string, matchType: number, match?: string | null]

async function describeQuotas(components: readonly Component[], strict = false, version = 1) {
  const answer = await client.send(
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    version,
    {
      components: components.map(([entityType, matchType, match = null]) => {
        return { entityType, matchType, match }
      }),
      strict,
    },
  )
  if (answer.errorCode !== 0) {
    expect(answer.entries).toBeNull()
    return `${answer.errorCode} ${answer.errorMessage}`
  }
  return (answer.entries ?? [])
    .map(({ entity, values }) => {
      const names = entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`)
      const limits = values.map(({ key, value }) => `${key}=${value}`).sort()
      return `${names.join(',')}: ${limits.join(' ')}`
    })
    .sort()
}

describe('AlterClientQuotas', () => {
  it.each([0, 1])('sets, keeps and removes limits (v%i)', async (version) => {
    const both = { producer_byte_rate: 1000, request_percentage: 12.5 }
    expect(await alter([altering({ user: 'alice' }, both)], { version })).toEqual([null])
    const changes = { producer_byte_rate: null, consumer_byte_rate: 5 }
    expect(await alter([altering({ user: 'alice' }, changes)], { version })).toEqual([null])
    expect(await describeQuotas([], false, version)).toEqual([
      'user=alice: consumer_byte_rate=5 request_percentage=12.5',
    ])
    const rest = { consumer_byte_rate: null, request_percentage: null }
    await alter([altering({ user: 'alice' }, rest)], { version })
    expect(await describeQuotas([], false, version)).toEqual([])
  })

  it('only looks when it shall only validate', async () => {
    const entry = altering({ user: 'alice' }, { producer_byte_rate: 1 })
    expect(await alter([entry], { validateOnly: true })).toEqual([null])
    expect(await describeQuotas([])).toEqual([])
  })

  it('takes each entity for itself', async () => {
    const answers = await alter([
      altering({ user: 'alice' }, { producer_byte_rate: 1 }),
      altering({ user: 'bob' }, { no_such_rate: 1 }),
      altering({ user: 'alice' }, { producer_byte_rate: 2 }),
      altering({ 'client-id': null }, { producer_byte_rate: 3 }),
    ])
    expect(answers).toEqual([
      null,
      'Invalid configuration key no_such_rate',
      'An entity can be altered once in a request.',
      null,
    ])
    expect(await describeQuotas([])).toEqual([
      'client-id=null: producer_byte_rate=3',
      'user=alice: producer_byte_rate=1',
    ])
  })

  it.each<readonly [string, Alteration, string]>([
    ['nobody', altering({}, {}), 'Invalid empty client quota entity'],
    ['an unknown kind', altering({ group: 'g' }, {}), 'Unhandled client quota entity type: group'],
    ['an empty name', altering({ user: '' }, {}), 'Empty user not supported'],
    ['an ip with a user', altering({ user: 'a', ip: '10.0.0.1' }, {}), 'stands alone'],
    ['what is no address', altering({ ip: 'nowhere' }, {}), 'is not a valid IP'],
    [
      'a key of addresses for a user',
      altering({ user: 'a' }, { connection_creation_rate: 1 }),
      'Invalid configuration key',
    ],
    ['not a number', altering({ user: 'a' }, { request_percentage: Number.NaN }), 'greater than 0'],
    ['less than nothing', altering({ user: 'a' }, { producer_byte_rate: -1 }), 'greater than 0'],
    ['nothing', altering({ user: 'a' }, { consumer_byte_rate: 0 }), 'greater than 0'],
    [
      'what has no end',
      altering({ user: 'a' }, { producer_byte_rate: Number.POSITIVE_INFINITY }),
      'greater than 0',
    ],
    ['half a byte', altering({ user: 'a' }, { producer_byte_rate: 1.5 }), 'must be a Long value'],
    [
      'a key twice',
      {
        entity: entityOf({ user: 'a' }),
        ops: [1, 2].map((value) => ({ key: 'producer_byte_rate', value, remove: false })),
      },
      'Duplicate quota key',
    ],
    [
      'a kind twice',
      {
        entity: ['a', 'b'].map((entityName) => ({ entityType: 'user', entityName })),
        ops: [],
      },
      'two of type user',
    ],
  ])('refuses %s', async (_what, entry, message) => {
    expect(await alter([entry])).toEqual([expect.stringContaining(message)])
    expect(await describeQuotas([])).toEqual([])
  })
})

describe('DescribeClientQuotas', () => {
  const limit = { producer_byte_rate: 1 }
  beforeEach(async () => {
    const entities: readonly Parts[] = [
      { user: 'alice' },
      { user: 'bob' },
      { user: null },
      { user: 'alice', 'client-id': 'app' },
      { user: 'alice', 'client-id': null },
      { user: null, 'client-id': null },
      { 'client-id': 'app' },
      { 'client-id': null },
    ]
    await alter(entities.map((parts) => altering(parts, limit)))
    await alter([altering({ ip: '10.0.0.1' }, { connection_creation_rate: 7 })])
  })

  it.each<readonly [string, readonly Component[], boolean, readonly string[]]>([
    [
      'a name, and what else its entities name',
      [['user', EXACT, 'alice']],
      false,
      ['user=alice', 'user=alice,client-id=app', 'user=alice,client-id=null'],
    ],
    ['a name and nothing else', [['user', EXACT, 'alice']], true, ['user=alice']],
    ['the default', [['user', DEFAULT]], true, ['user=null']],
    ['any name', [['user', ANY]], true, ['user=alice', 'user=bob', 'user=null']],
    [
      'two parts',
      [
        ['user', EXACT, 'alice'],
        ['client-id', ANY],
      ],
      true,
      ['user=alice,client-id=app', 'user=alice,client-id=null'],
    ],
    [
      'two defaults',
      [
        ['user', DEFAULT],
        ['client-id', DEFAULT],
      ],
      true,
      ['user=null,client-id=null'],
    ],
    ['addresses', [['ip', ANY]], false, ['ip=10.0.0.1']],
    ['nothing, strictly', [], true, []],
    ['somebody unknown', [['user', EXACT, 'carol']], false, []],
  ])('finds %s', async (_what, components, strict, expected) => {
    const found = await describeQuotas(components, strict)
    if (typeof found === 'string') throw new Error(found)
    expect(found.map((line) => line.replace(/: .*/, '')).sort()).toEqual(expected)
  })

  it('finds all without a filter', async () => {
    expect(await describeQuotas([])).toHaveLength(9)
  })

  it.each<readonly [string, readonly Component[], string]>([
    ['an empty kind', [['', ANY]], '42 Invalid empty entity type.'],
    ['an unknown kind', [['group', ANY]], '35 Unsupported entity type group'],
    [
      'a kind twice',
      [
        ['user', ANY],
        ['user', DEFAULT],
      ],
      '42 Entity type user cannot appear more than once in the filter.',
    ],
    ['an exact match of nothing', [['user', EXACT]], '42 An exact match needs a name.'],
    ['a default with a name', [['user', DEFAULT, 'a']], '42 Match type 1 takes no name.'],
    ['any with a name', [['user', ANY, 'a']], '42 Match type 2 takes no name.'],
    ['an unknown match', [['user', 9]], '42 Unknown match type 9'],
    [
      'addresses with users',
      [
        ['user', ANY],
        ['ip', ANY],
      ],
      '42 A filter for ip stands alone: it goes with neither user nor client-id.',
    ],
  ])('refuses %s', async (_what, components, message) => {
    expect(await describeQuotas(components)).toBe(message)
  })
})
