import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AclBinding } from '../access.ts'
import { ACL_OPERATIONS, aclId } from '../access.ts'
import { decideCreateAcl, decideDeleteAcl } from './acls.ts'
import { exampleState } from './fixture.ts'

const binding: AclBinding = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'PREFIXED',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
}

function stateWith(...bindings: readonly AclBinding[]) {
  const state = exampleState()
  for (const one of bindings) state.tables.acls.set(aclId(one), one)
  return state
}

describe('acl.create', () => {
  it('adds a rule under the id that is made of it', () => {
    expect(decideCreateAcl(exampleState(), { kind: 'acl.create', binding })).toEqual({
      error: 'NONE',
      resource: {
        kind: 'acl',
        name: 'ALLOW User:alice READ TOPIC:orders (prefix)',
        id: aclId(binding),
      },
      before: null,
      after: { ...binding },
      reversal: 'full',
      result: binding,
    })
  })

  it('succeeds when the rule is there, and changes nothing', () => {
    const decision = decideCreateAcl(stateWith(binding), { kind: 'acl.create', binding })
    expect(decision).toMatchObject({ error: 'NONE', before: binding, after: binding })
  })

  it.each<[Partial<AclBinding>, string]>([
    [{ resourceName: '' }, 'should not be empty'],
    [{ resourceType: 'CLUSTER' }, 'kafka-cluster'],
    [{ principal: 'alice' }, 'Could not parse principal'],
    [{ principal: 'User:' }, 'Could not parse principal'],
    [{ principal: ':alice' }, 'Could not parse principal'],
    [{ host: 'example.com' }, 'neither * nor an address'],
    [{ resourceName: 'x'.repeat(256) }, 'at most 255'],
    [{ resourceName: 'half \ud800' }, 'well-formed'],
  ])('refuses %j: %s', (changes, message) => {
    const asked = { ...binding, ...changes }
    expect(decideCreateAcl(exampleState(), { kind: 'acl.create', binding: asked })).toMatchObject({
      error: 'INVALID_REQUEST',
      message: expect.stringContaining(message),
    })
  })
})

describe('acl.delete', () => {
  it('takes the rule away', () => {
    expect(decideDeleteAcl(stateWith(binding), { kind: 'acl.delete', binding })).toMatchObject({
      error: 'NONE',
      before: binding,
      after: null,
      reversal: 'full',
    })
  })

  it('refuses one that is not there', () => {
    const other = { ...binding, host: '10.0.0.1' }
    expect(
      decideDeleteAcl(stateWith(binding), { kind: 'acl.delete', binding: other }),
    ).toMatchObject({ error: 'RESOURCE_NOT_FOUND' })
  })
})

describe('the id of a rule', () => {
  it('tells any two rules apart', () => {
    const text = fc.constantFrom('a', 'b', 'a:b', ':', 'User:a', '*')
    const rule = fc.record<AclBinding>({
      resourceType: fc.constantFrom('TOPIC', 'GROUP'),
      resourceName: text,
      patternType: fc.constantFrom('LITERAL', 'PREFIXED'),
      principal: text,
      host: text,
      operation: fc.constantFrom(
        ...(Object.keys(ACL_OPERATIONS) as (keyof typeof ACL_OPERATIONS)[]),
      ),
      permission: fc.constantFrom('ALLOW', 'DENY'),
    })
    fc.assert(
      fc.property(rule, rule, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(aclId(one) === aclId(other)).toBe(isSame)
      }),
      { seed: 11, numRuns: 500 },
    )
  })
})
