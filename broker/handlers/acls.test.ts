import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Encodable } from '../../protocol/index.ts'
import {
  CreateAclsRequest,
  CreateAclsResponse,
  DeleteAclsRequest,
  DeleteAclsResponse,
  DescribeAclsRequest,
  DescribeAclsResponse,
  errors,
} from '../../protocol/index.ts'
import type { RawClient } from '../../test/support/client.ts'
import type { TestBroker } from '../../test/support/test-broker.ts'
import { startTestBroker } from '../../test/support/test-broker.ts'

const TOPIC = 2
const GROUP = 3
const CLUSTER = 4
const ANY = 1
const MATCH = 2
const LITERAL = 3
const PREFIXED = 4
const READ = 3
const WRITE = 4
const DENY = 2
const ALLOW = 3

type Creation = Encodable<typeof CreateAclsRequest>['creations'][number]
type Filter = Encodable<typeof DescribeAclsRequest>

let broker: TestBroker
let admin: RawClient
beforeEach(async () => {
  const configs = { 'glasslog.authorizer': 'acl', 'super.users': 'User:admin' }
  broker = await startTestBroker({ configs })
  admin = await broker.connectAs('admin')
})
afterEach(() => broker.stop())

const acl = (overrides: Partial<Creation> = {}): Creation => ({
  resourceType: TOPIC,
  resourceName: 'orders',
  resourcePatternType: LITERAL,
  principal: 'User:alice',
  host: '*',
  operation: READ,
  permissionType: ALLOW,
  ...overrides,
})

const everything: Filter = {
  resourceTypeFilter: ANY,
  resourceNameFilter: null,
  patternTypeFilter: ANY,
  principalFilter: null,
  hostFilter: null,
  operation: ANY,
  permissionType: ANY,
}

async function create(...creations: Creation[]): Promise<number[]> {
  const { results } = await admin.send(CreateAclsRequest, CreateAclsResponse, 3, { creations })
  return results.map(({ errorCode }) => errorCode)
}

/** What a filter means, in words. */
async function described(filter: Partial<Filter> = {}, version = 3): Promise<string[]> {
  const body = { ...everything, ...filter }
  const { resources } = await admin.send(DescribeAclsRequest, DescribeAclsResponse, version, body)
  return resources
    .flatMap(({ resourceName, patternType, acls }) =>
      acls.map(
        ({ principal, operation }) => `${principal} ${operation} ${resourceName} ${patternType}`,
      ),
    )
    .sort()
}

describe('ACLs over Kafka', () => {
  it.each([0, 1, 2, 3])('are added, shown and deleted in v%d', async (version) => {
    const { resourcePatternType: _, ...old } = acl()
    const creations = [version === 0 ? old : acl()]
    const added = await admin.send(CreateAclsRequest, CreateAclsResponse, version, {
      creations: [...creations, ...creations],
    })
    expect(added.results.map(({ errorCode }) => errorCode)).toEqual([0, 0])
    const { patternTypeFilter: __, ...oldFilter } = everything
    const filter = version === 0 ? oldFilter : everything
    const shown = await admin.send(DescribeAclsRequest, DescribeAclsResponse, version, filter)
    expect(shown.resources).toEqual([
      {
        resourceType: TOPIC,
        resourceName: 'orders',
        patternType: LITERAL,
        acls: [{ principal: 'User:alice', host: '*', operation: READ, permissionType: ALLOW }],
      },
    ])
    const deleted = await admin.send(DeleteAclsRequest, DeleteAclsResponse, version, {
      filters: [filter, filter],
    })
    expect(deleted.filterResults).toMatchObject([
      { errorCode: 0, matchingAcls: [{ errorCode: 0, principal: 'User:alice' }] },
      { errorCode: 0, matchingAcls: [{ errorCode: 0, principal: 'User:alice' }] },
    ])
    expect(await described()).toEqual([])
  })

  it('are found by each part of a filter', async () => {
    await create(
      acl(),
      acl({ resourceName: 'ord', resourcePatternType: PREFIXED, principal: 'User:bob' }),
      acl({ resourceName: '*', operation: WRITE }),
      acl({ resourceType: GROUP, permissionType: DENY, host: '10.0.0.1' }),
    )
    expect(await described()).toHaveLength(4)
    expect(await described({ resourceNameFilter: 'orders', patternTypeFilter: LITERAL })).toEqual([
      'User:alice 3 orders 3',
      'User:alice 3 orders 3',
    ])
    expect(
      await described({
        resourceTypeFilter: TOPIC,
        resourceNameFilter: 'orders',
        patternTypeFilter: MATCH,
      }),
    ).toEqual(['User:alice 3 orders 3', 'User:alice 4 * 3', 'User:bob 3 ord 4'])
    expect(await described({ patternTypeFilter: PREFIXED })).toEqual(['User:bob 3 ord 4'])
    expect(await described({ principalFilter: 'User:bob' })).toHaveLength(1)
    expect(await described({ hostFilter: '10.0.0.1' })).toHaveLength(1)
    expect(await described({ operation: WRITE })).toHaveLength(1)
    expect(await described({ permissionType: DENY })).toHaveLength(1)
    expect(await described({ resourceTypeFilter: CLUSTER })).toEqual([])
  })

  it('that are none are refused, each for itself', async () => {
    expect(
      await create(
        acl({ resourceType: 0 }),
        acl({ resourcePatternType: MATCH }),
        acl({ operation: ANY }),
        acl({ permissionType: 9 }),
        acl({ resourceName: '' }),
        acl({ resourceType: CLUSTER, resourceName: 'my-cluster' }),
        acl({ principal: 'alice' }),
        acl({ host: '10.0.0.0/8' }),
        acl(),
      ),
    ).toEqual([...new Array(8).fill(errors.INVALID_REQUEST.code), 0])
    expect(await described()).toHaveLength(1)
  })

  it('are not found by a filter that is none', async () => {
    const filter = { ...everything, operation: 77 }
    const shown = await admin.send(DescribeAclsRequest, DescribeAclsResponse, 3, filter)
    expect(shown.errorCode).toBe(errors.INVALID_REQUEST.code)
    const deleted = await admin.send(DeleteAclsRequest, DeleteAclsResponse, 3, {
      filters: [filter],
    })
    expect(deleted.filterResults[0]?.errorCode).toBe(errors.INVALID_REQUEST.code)
  })

  it('hold at once, on connections that are open', async () => {
    await broker.createTopic('orders')
    const alice = await broker.connectAs('alice')
    const sees = async () => {
      const body = { ...everything }
      return (await alice.send(DescribeAclsRequest, DescribeAclsResponse, 3, body)).errorCode
    }
    const denied = errors.CLUSTER_AUTHORIZATION_FAILED.code
    const permission = acl({ resourceType: CLUSTER, resourceName: 'kafka-cluster', operation: 8 })
    expect(await sees()).toBe(denied)
    await create(permission)
    expect(await sees()).toBe(0)
    await create({ ...permission, permissionType: DENY })
    expect(await sees()).toBe(denied)
  })

  it('do not exist where there is no authorizer, as in Kafka', async () => {
    await broker.stop()
    broker = await startTestBroker()
    admin = await broker.connect()
    const code = errors.SECURITY_DISABLED.code
    expect(await create(acl())).toEqual([code])
    const shown = await admin.send(DescribeAclsRequest, DescribeAclsResponse, 3, everything)
    expect(shown.errorCode).toBe(code)
    const deleted = await admin.send(DeleteAclsRequest, DeleteAclsResponse, 3, {
      filters: [everything],
    })
    expect(deleted.filterResults[0]?.errorCode).toBe(code)
  })
})
