import { DescribeAclsRequest, DescribeAclsResponse, errors } from '../../protocol/index.ts'
import type { WireAcl } from './acl-codes.ts'
import { isMeant, isSoundFilter, wireAclOf } from './acl-codes.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { defineHandler } from './handler.ts'

/** DescribeAcls v0-v3 (KIP-140, KIP-290): the ACLs that a filter means, by what they are about. */
export const describeAcls = defineHandler(
  DescribeAclsRequest,
  DescribeAclsResponse,
  {
    versions: '0-3',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'CLUSTER' }],
    notes: [
      'SECURITY_DISABLED with `glasslog.authorizer=none`, as in Kafka without an authorizer.',
    ],
  },
  (filter, context, broker) => {
    if (!isAllowedOnCluster(context, broker, 'DESCRIBE')) {
      return refused('CLUSTER_AUTHORIZATION_FAILED', errors.CLUSTER_AUTHORIZATION_FAILED.message)
    }
    if (broker.control.config.values.glasslogAuthorizer === 'none') {
      return refused('SECURITY_DISABLED', 'No Authorizer is configured.')
    }
    if (!isSoundFilter(filter)) {
      return refused('INVALID_REQUEST', 'The filter has elements that are not known.')
    }
    const acls = [...broker.control.state.acls.values()]
      .filter((binding) => isMeant(filter, binding))
      .map(wireAclOf)
    return { errorCode: errors.NONE.code, errorMessage: null, resources: byResource(acls) }
  },
)

function refused(
  error: 'CLUSTER_AUTHORIZATION_FAILED' | 'SECURITY_DISABLED' | 'INVALID_REQUEST',
  errorMessage: string,
) {
  return { errorCode: errors[error].code, errorMessage, resources: [] }
}

function byResource(acls: readonly WireAcl[]) {
  const groups = new Map<string, WireAcl[]>()
  for (const acl of acls) {
    const key = `${acl.resourceType} ${acl.patternType} ${acl.resourceName}`
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(acl)
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { resourceType, resourceName, patternType } = first
    return [{ resourceType, resourceName, patternType, acls: group }]
  })
}
