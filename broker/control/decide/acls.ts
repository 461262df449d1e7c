import { isIP } from 'node:net'
import type { Resource } from '../../../audit/index.ts'
import type { AclBinding } from '../access.ts'
import { aclId, CLUSTER_RESOURCE_NAME } from '../access.ts'
import type { CreateAcl, DeleteAcl } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'
import { MAX_NAME_LENGTH } from './resource-name.ts'

/** A rule as records and denials name it, such as `ALLOW User:alice READ TOPIC:orders`. */
export function aclText(binding: AclBinding): string {
  const { permission, principal, operation, resourceType, resourceName, patternType, host } =
    binding
  const name = patternType === 'PREFIXED' ? `${resourceName} (prefix)` : resourceName
  const from = host === '*' ? '' : ` from ${host}`
  return `${permission} ${principal} ${operation} ${resourceType}:${name}${from}`
}

function aclResource(binding: AclBinding): Resource {
  return { kind: 'acl', name: aclText(binding), id: aclId(binding) }
}

/** One that exists is a success that changes nothing, as in Kafka. */
export function decideCreateAcl(state: FoldedState, { binding }: CreateAcl): Decision<CreateAcl> {
  const resource = aclResource(binding)
  const fault = bindingFault(binding)
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)
  const existing = state.tables.acls.get(aclId(binding))
  return {
    error: 'NONE',
    resource,
    before: existing ? resourceToJson(existing) : null,
    after: resourceToJson(binding),
    reversal: 'full',
    result: binding,
  }
}

function bindingFault(binding: AclBinding): string | null {
  const { resourceType, resourceName, principal, host } = binding
  if (resourceName === '') return 'Resource name should not be empty'
  if (resourceType === 'CLUSTER' && resourceName !== CLUSTER_RESOURCE_NAME) {
    return `The only name of a CLUSTER resource is ${CLUSTER_RESOURCE_NAME}`
  }
  if (!/^[^:]+:.+$/s.test(principal)) {
    return 'Could not parse principal: expected a type and a name with a colon between them'
  }
  if (host !== '*' && isIP(host) === 0) return `The host ${host} is neither * nor an address`
  const texts = [resourceName, principal, host]
  if (texts.some((text) => text.length > MAX_NAME_LENGTH || !text.isWellFormed())) {
    return `Names in an ACL have at most ${MAX_NAME_LENGTH} characters of well-formed text`
  }
  return null
}

export function decideDeleteAcl(state: FoldedState, { binding }: DeleteAcl): Decision<DeleteAcl> {
  const resource = aclResource(binding)
  const existing = state.tables.acls.get(aclId(binding))
  if (!existing) return refuse('RESOURCE_NOT_FOUND', 'There is no such ACL.', resource)
  return {
    error: 'NONE',
    resource,
    before: resourceToJson(existing),
    after: null,
    reversal: 'full',
    result: null,
  }
}
