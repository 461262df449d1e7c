import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type {
  Account,
  AclBinding,
  AclOperation,
  AclResourceType,
  ClusterState,
  Requester,
  Role,
} from '../../control/index.ts'
import { ACL_OPERATIONS } from '../../control/index.ts'
import { AccessControl } from './access-control.ts'
import { bitOf } from './operation-bits.ts'

const HOST = '10.0.0.1'
const kafka = (principal: string, host = HOST): Requester => ({ principal, host, door: 'kafka' })
const http = (principal: string): Requester => ({ principal, host: HOST, door: 'http' })
const alice = kafka('User:alice')

/** The rules of a test: `allow alice READ topic:orders`, `deny * ALL group:bill* from 10.0.0.1`. */
function rule(text: string): AclBinding {
  const match = /^(allow|deny) (\S+) (\S+) ([a-z_]+):(\S+?)(…?)(?: from (\S+))?$/.exec(text)
  if (!match) throw new Error(`not a rule: ${text}`)
  const [, permission, user, operation, type, name, prefix, host] = match
  return {
    permission: permission === 'allow' ? 'ALLOW' : 'DENY',
    principal: `User:${user}`,
    operation: operation as AclOperation,
    resourceType: (type ?? '').toUpperCase() as AclResourceType,
    resourceName: name ?? '',
    patternType: prefix ? 'PREFIXED' : 'LITERAL',
    host: host ?? '*',
  }
}

const acls = new Map<string, AclBinding>()
const accounts = new Map<string, Account>()
const roles = new Map<string, Role>()
let accessSeq = 0
let access: AccessControl

function start(settings: Partial<ConstructorParameters<typeof AccessControl>[0]> = {}): void {
  const defaults = { allowEveryoneIfNoAclFound: false, superUsers: '' }
  const state = {
    acls,
    accounts,
    roles,
    get accessSeq() {
      return accessSeq
    },
  }
  access = new AccessControl({ glasslogAuthorizer: 'acl', ...defaults, ...settings })
  access.follow(state as unknown as ClusterState)
}

/** Replaces the rules, as records would. */
function given(...rules: readonly string[]): void {
  acls.clear()
  for (const text of rules) acls.set(text, rule(text))
  accessSeq++
}

beforeEach(() => {
  accounts.clear()
  roles.clear()
  given()
  start()
})

const may = (who: Requester, operation: AclOperation, resource: string): boolean => {
  const [type = '', name = ''] = resource.split(':')
  const decision = access.authorize(who, operation, type.toUpperCase() as AclResourceType, name)
  // What is compiled and what is explained must never differ.
  expect(access.accessOf(who).may(operation, type.toUpperCase() as AclResourceType, name)).toBe(
    decision.allowed,
  )
  return decision.allowed
}

describe('glasslog.authorizer=acl', () => {
  it.each<readonly [rules: string, operation: AclOperation, resource: string, allowed: boolean]>([
    ['', 'READ', 'topic:orders', false],
    ['allow alice READ topic:orders', 'READ', 'topic:orders', true],
    ['allow alice READ topic:orders', 'WRITE', 'topic:orders', false],
    ['allow alice READ topic:orders', 'READ', 'topic:orders2', false],
    ['allow alice READ topic:orders', 'READ', 'group:orders', false],
    ['allow bob READ topic:orders', 'READ', 'topic:orders', false],
    ['allow * READ topic:orders', 'READ', 'topic:orders', true],
    ['allow alice READ topic:*', 'READ', 'topic:orders', true],
    ['allow alice READ topic:ord…', 'READ', 'topic:orders', true],
    ['allow alice READ topic:orders…', 'READ', 'topic:orders', true],
    ['allow alice READ topic:ord…', 'READ', 'topic:or', false],
    // A prefix of an asterisk is no wildcard.
    ['allow alice READ topic:*…', 'READ', 'topic:orders', false],
    ['allow alice READ topic:*…', 'READ', 'topic:*x', true],
    // Hosts.
    ['allow alice READ topic:orders from 10.0.0.1', 'READ', 'topic:orders', true],
    ['allow alice READ topic:orders from 10.0.0.2', 'READ', 'topic:orders', false],
    [
      'allow alice READ topic:orders|deny alice READ topic:orders from 10.0.0.2',
      'READ',
      'topic:orders',
      true,
    ],
    // What is implied by being allowed.
    ['allow alice READ topic:orders', 'DESCRIBE', 'topic:orders', true],
    ['allow alice WRITE topic:orders', 'DESCRIBE', 'topic:orders', true],
    ['allow alice DELETE topic:orders', 'DESCRIBE', 'topic:orders', true],
    ['allow alice ALTER topic:orders', 'DESCRIBE', 'topic:orders', true],
    ['allow alice CREATE topic:orders', 'DESCRIBE', 'topic:orders', false],
    ['allow alice ALTER_CONFIGS topic:orders', 'DESCRIBE_CONFIGS', 'topic:orders', true],
    ['allow alice ALTER_CONFIGS topic:orders', 'DESCRIBE', 'topic:orders', false],
    ['allow alice DESCRIBE topic:orders', 'READ', 'topic:orders', false],
    ['allow alice ALL topic:orders', 'ALTER_CONFIGS', 'topic:orders', true],
    // Denials come first, wherever they stand, and imply nothing.
    ['allow alice ALL topic:orders|deny alice READ topic:orders', 'READ', 'topic:orders', false],
    ['deny alice READ topic:orders|allow alice ALL topic:orders', 'READ', 'topic:orders', false],
    ['allow alice READ topic:orders|deny * READ topic:*', 'READ', 'topic:orders', false],
    ['allow alice READ topic:orders|deny alice READ topic:ord…', 'READ', 'topic:orders', false],
    ['allow alice READ topic:orders|deny alice ALL topic:*', 'DESCRIBE', 'topic:orders', false],
    ['allow alice ALL topic:orders|deny alice READ topic:orders', 'DESCRIBE', 'topic:orders', true],
    [
      'allow alice READ topic:orders|deny alice DESCRIBE topic:orders',
      'DESCRIBE',
      'topic:orders',
      false,
    ],
    [
      'allow alice READ topic:orders|deny alice DESCRIBE topic:orders',
      'READ',
      'topic:orders',
      true,
    ],
  ])('%j: %s on %s is %s', (rules, operation, resource, allowed) => {
    given(...rules.split('|').filter((text) => text !== ''))
    expect(may(alice, operation, resource)).toBe(allowed)
  })

  it('sees a change of the rules at once (CVE-2024-27309)', () => {
    given(
      'allow alice ALL topic:*',
      'deny alice READ topic:orders',
      'deny alice READ topic:orders…',
    )
    expect(may(alice, 'READ', 'topic:orders')).toBe(false)
    given('allow alice ALL topic:*', 'deny alice READ topic:orders…')
    expect(may(alice, 'READ', 'topic:orders')).toBe(false)
    given('allow alice ALL topic:*')
    expect(may(alice, 'READ', 'topic:orders')).toBe(true)
    given()
    expect(may(alice, 'READ', 'topic:orders')).toBe(false)
  })

  it('names the rule that decided', () => {
    start({ superUsers: 'User:boss', allowEveryoneIfNoAclFound: true })
    given('allow alice READ topic:ord… from 10.0.0.1', 'deny bob ALL group:g')
    const rulesOf = (who: Requester, type: AclResourceType, name: string) =>
      access.authorize(who, 'READ', type, name)
    expect(rulesOf(alice, 'TOPIC', 'orders').rule).toBe(
      'acl:ALLOW User:alice READ TOPIC:ord (prefix) from 10.0.0.1',
    )
    expect(rulesOf(kafka('User:bob'), 'GROUP', 'g').rule).toBe('acl:DENY User:bob ALL GROUP:g')
    expect(rulesOf(alice, 'GROUP', 'g')).toEqual({ allowed: false, rule: 'no-rule' })
    expect(rulesOf(kafka('User:boss'), 'GROUP', 'g').rule).toBe('super-user')
    expect(rulesOf(alice, 'GROUP', 'other').rule).toBe('allow.everyone.if.no.acl.found')
  })

  it('lets nobody but super.users in before the state is there', () => {
    access = new AccessControl({
      glasslogAuthorizer: 'acl',
      allowEveryoneIfNoAclFound: true,
      superUsers: 'User:boss; User:CN=broker,O=Example',
    })
    expect(may(alice, 'READ', 'topic:orders')).toBe(false)
    expect(may(kafka('User:boss'), 'READ', 'topic:orders')).toBe(true)
    expect(may(kafka('User:CN=broker,O=Example'), 'ALTER', 'cluster:kafka-cluster')).toBe(true)
  })

  it('says what may be done in the bits of KIP-430', () => {
    given('allow alice WRITE topic:orders', 'allow alice ALL group:g', 'deny alice READ group:g')
    const { operationsOn } = {
      operationsOn: access.accessOf(alice).operationsOn.bind(access.accessOf(alice)),
    }
    expect(operationsOn('TOPIC', 'orders')).toBe(bitOf('WRITE') | bitOf('DESCRIBE'))
    expect(operationsOn('GROUP', 'g')).toBe(bitOf('DELETE') | bitOf('DESCRIBE'))
    expect(operationsOn('TOPIC', 'other')).toBe(0)
  })
})

describe('allow.everyone.if.no.acl.found', () => {
  beforeEach(() => start({ allowEveryoneIfNoAclFound: true }))

  it('opens what no ACL is about, and nothing else', () => {
    given('allow bob READ topic:orders', 'deny bob READ topic:pay…')
    expect(may(alice, 'WRITE', 'topic:free')).toBe(true)
    expect(may(alice, 'READ', 'topic:orders')).toBe(false)
    expect(may(alice, 'READ', 'topic:payments')).toBe(false)
    given('allow bob READ topic:*')
    expect(may(alice, 'WRITE', 'topic:free')).toBe(false)
  })

  it('opens nothing over HTTP: who has an account has roles', () => {
    expect(may(http('User:alice'), 'READ', 'topic:free')).toBe(false)
  })
})

describe('authorization by resource type (KIP-679)', () => {
  it.each<readonly [rules: string, allowed: boolean]>([
    ['', false],
    ['allow alice WRITE topic:orders', true],
    ['allow alice ALL topic:ord…', true],
    ['allow bob WRITE topic:orders', false],
    ['allow alice READ topic:orders', false],
    ['allow alice WRITE group:orders', false],
    ['allow alice WRITE topic:orders from 10.0.0.2', false],
    ['allow alice WRITE topic:orders|deny alice WRITE topic:*', false],
    ['allow alice WRITE topic:orders|deny alice WRITE topic:orders', false],
    ['allow alice WRITE topic:orders|deny alice ALL topic:ord…', false],
    ['allow alice WRITE topic:ord…|deny alice WRITE topic:orders', true],
    ['allow alice WRITE topic:ord…|deny alice WRITE topic:o…', false],
    ['allow alice WRITE topic:*|deny alice WRITE topic:o…', true],
    ['allow alice WRITE topic:*|deny alice READ topic:*', true],
  ])('%j: %s', (rules, allowed) => {
    given(...rules.split('|').filter((text) => text !== ''))
    expect(access.accessOf(alice).mayOnAny('WRITE', 'TOPIC')).toBe(allowed)
  })
})

describe('roles', () => {
  const account = (name: string, ...names: string[]): void => {
    accounts.set(name, { name, roles: names, isDisabled: false, person: null, createdAtMs: 0 })
    accessSeq++
  }

  it('close nothing that is open because no ACL is about it', () => {
    start({ allowEveryoneIfNoAclFound: true })
    account('prometheus', 'viewer')
    given()
    expect(may(alice, 'WRITE', 'topic:free')).toBe(true)
    expect(may(http('User:prometheus'), 'DESCRIBE', 'topic:free')).toBe(true)
  })

  it.each<readonly [role: string, allowed: readonly string[], denied: readonly string[]]>([
    [
      'viewer',
      ['DESCRIBE topic:orders', 'DESCRIBE_CONFIGS cluster:kafka-cluster', 'DESCRIBE group:g'],
      ['READ topic:orders', 'CREATE topic:orders', 'ALTER cluster:kafka-cluster'],
    ],
    [
      'operator',
      [
        'WRITE topic:orders',
        'DELETE topic:orders',
        'ALTER_CONFIGS cluster:kafka-cluster',
        'READ group:g',
        'DESCRIBE topic:__audit',
        'READ topic:__events',
      ],
      [
        'ALTER cluster:kafka-cluster',
        'CREATE_TOKENS user:User:bob',
        'READ topic:__audit',
        'DELETE topic:__audit',
      ],
    ],
    [
      'auditor',
      ['READ topic:__audit', 'DESCRIBE topic:orders'],
      ['READ topic:orders', 'DELETE topic:orders', 'READ topic:__events'],
    ],
    [
      'admin',
      [
        'ALTER cluster:kafka-cluster',
        'DELETE topic:orders',
        'CREATE_TOKENS user:x',
        'READ topic:__audit',
      ],
      [],
    ],
    ['no-such-role', [], ['DESCRIBE topic:orders']],
  ])('%s', (role, allowed, denied) => {
    account('alice', role)
    const ask = (text: string): boolean => {
      const [operation = '', resource = ''] = text.split(' ')
      return may(http('User:alice'), operation as AclOperation, resource)
    }
    expect(allowed.map(ask)).toEqual(allowed.map(() => true))
    expect(denied.map(ask)).toEqual(denied.map(() => false))
  })

  it('of an operator leave the history to whoever is given it otherwise', () => {
    account('alice', 'operator')
    start({ allowEveryoneIfNoAclFound: true })
    // The history is open to nobody because no ACL is about it.
    for (const who of [alice, kafka('User:bob'), http('User:alice')]) {
      expect(may(who, 'READ', 'topic:__audit')).toBe(false)
    }
    // Nor is what operators are told of everybody.
    expect(may(kafka('User:bob'), 'READ', 'topic:__events')).toBe(false)
    expect(may(http('User:alice'), 'READ', 'topic:__events')).toBe(true)
    given('allow alice READ topic:*')
    expect(may(alice, 'READ', 'topic:__audit')).toBe(true)
    given()
    account('alice', 'operator', 'auditor')
    expect(may(alice, 'READ', 'topic:__audit')).toBe(true)
    expect(may(alice, 'DELETE', 'topic:__audit')).toBe(false)
    roles.set('all-readers', {
      name: 'all-readers',
      rules: [
        { resourceType: 'TOPIC', operation: 'READ', resourceName: '*', patternType: 'LITERAL' },
      ],
    })
    account('alice', 'operator', 'all-readers')
    expect(may(alice, 'READ', 'topic:__audit')).toBe(true)
  })

  it('of one table decide both doors', () => {
    roles.set('billing', {
      name: 'billing',
      rules: [
        { resourceType: 'TOPIC', operation: 'READ', resourceName: 'bill', patternType: 'PREFIXED' },
      ],
    })
    account('alice', 'billing')
    for (const who of [alice, http('User:alice')]) {
      expect(may(who, 'READ', 'topic:bills')).toBe(true)
      expect(may(who, 'READ', 'topic:orders')).toBe(false)
    }
    given('deny alice READ topic:bills')
    expect(may(http('User:alice'), 'READ', 'topic:bills')).toBe(false)
  })

  it('of a disabled account allow nothing', () => {
    accounts.set('alice', {
      name: 'alice',
      roles: ['admin'],
      isDisabled: true,
      person: null,
      createdAtMs: 0,
    })
    accessSeq++
    expect(may(http('User:alice'), 'DESCRIBE', 'topic:orders')).toBe(false)
    given('allow alice READ topic:orders')
    for (const who of [alice, http('User:alice')]) {
      expect(may(who, 'READ', 'topic:orders')).toBe(false)
      expect(access.authorize(who, 'READ', 'TOPIC', 'orders').rule).toBe('account-disabled')
    }
  })

  it('are not needed by the root account, which only the HTTP door has', () => {
    expect(may(http('User:root'), 'ALTER', 'cluster:kafka-cluster')).toBe(true)
    expect(may(kafka('User:root'), 'ALTER', 'cluster:kafka-cluster')).toBe(false)
  })
})

describe('glasslog.authorizer=none', () => {
  it('lets everybody do everything on the Kafka door, but not over HTTP', () => {
    start({ glasslogAuthorizer: 'none' })
    expect(may(kafka('User:ANONYMOUS'), 'ALTER', 'cluster:kafka-cluster')).toBe(true)
    expect(access.authorize(alice, 'READ', 'TOPIC', 't').rule).toBe('no-authorizer')
    expect(may(http('User:alice'), 'READ', 'topic:orders')).toBe(false)
  })
})

it('always decides as a plain scan of the rules would (CVE-2024-27309)', () => {
  const names = ['a', 'ab', 'abc', 'b', '*']
  const binding = fc.record({
    permission: fc.constantFrom('ALLOW' as const, 'DENY' as const),
    principal: fc.constantFrom('User:alice', 'User:bob', 'User:*'),
    operation: fc.constantFrom(
      'ALL' as const,
      'READ' as const,
      'WRITE' as const,
      'DESCRIBE' as const,
    ),
    resourceType: fc.constantFrom('TOPIC' as const, 'GROUP' as const),
    resourceName: fc.constantFrom(...names),
    patternType: fc.constantFrom('LITERAL' as const, 'PREFIXED' as const),
    host: fc.constantFrom('*', HOST, '10.0.0.2'),
  })
  const steps = fc.array(fc.record({ binding, isRemoval: fc.boolean() }), { maxLength: 30 })
  fc.assert(
    fc.property(steps, fc.boolean(), (changes, isOpen) => {
      given()
      start({ allowEveryoneIfNoAclFound: isOpen })
      for (const { binding: changed, isRemoval } of changes) {
        const key = JSON.stringify(changed)
        if (isRemoval) acls.delete([...acls.keys()][0] ?? key)
        else acls.set(key, changed)
        accessSeq++
        for (const operation of ['READ', 'WRITE', 'DESCRIBE'] as const) {
          for (const name of ['a', 'abc', 'x']) {
            const expected = scan(alice, operation, 'TOPIC', name, isOpen)
            expect(may(alice, operation, `topic:${name}`)).toBe(expected)
          }
        }
      }
    }),
    { seed: 4, numRuns: 100 },
  )
})

/** Kafka's rules, read from its description and not from our code. */
function scan(
  who: Requester,
  operation: AclOperation,
  type: AclResourceType,
  name: string,
  isOpen: boolean,
): boolean {
  const about = [...acls.values()].filter((acl) => {
    if (acl.resourceType !== type) return false
    if (acl.patternType === 'PREFIXED') return name.startsWith(acl.resourceName)
    return acl.resourceName === '*' || acl.resourceName === name
  })
  if (about.length === 0) return isOpen
  const own = about.filter(
    (acl) =>
      (acl.principal === who.principal || acl.principal === 'User:*') &&
      (acl.host === '*' || acl.host === who.host),
  )
  const matches = (acl: AclBinding, wanted: AclOperation): boolean =>
    acl.operation === 'ALL' || acl.operation === wanted
  if (own.some((acl) => acl.permission === 'DENY' && matches(acl, operation))) return false
  const enough: readonly AclOperation[] =
    operation === 'DESCRIBE' ? ['DESCRIBE', 'READ', 'WRITE', 'DELETE', 'ALTER'] : [operation]
  return own.some(
    (acl) => acl.permission === 'ALLOW' && enough.some((wanted) => matches(acl, wanted)),
  )
}

it('knows as many operations as the bits have room for', () => {
  expect(Math.max(...Object.values(ACL_OPERATIONS))).toBeLessThan(31)
})
