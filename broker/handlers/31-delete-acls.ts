import type { ErrorName } from '../../protocol/index.ts'
import { DeleteAclsRequest, DeleteAclsResponse, errors } from '../../protocol/index.ts'
import type { AclBinding, DeleteAcl } from '../control/index.ts'
import { isMeant, isSoundFilter, wireAclOf } from './acl-codes.ts'
import { actorOf } from './actor.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

type AskedFilter = DeleteAclsRequest['filters'][number]

/** DeleteAcls v0-v3 (KIP-140, KIP-290): deletes what the filters mean, and answers what that was. */
export const deleteAcls = defineHandler(
  DeleteAclsRequest,
  DeleteAclsResponse,
  {
    versions: '0-3',
    stage: 'ordered',
    permissions: [{ operation: 'ALTER', resource: 'CLUSTER' }],
    notes: [
      'SECURITY_DISABLED with `glasslog.authorizer=none`, as in Kafka without an authorizer.',
    ],
  },
  async ({ filters }, context, broker) => {
    const all = (error: ErrorName, errorMessage: string) => ({
      filterResults: filters.map(() => refused(error, errorMessage)),
    })
    if (!isAllowedOnCluster(context, broker, 'ALTER')) {
      return all('CLUSTER_AUTHORIZATION_FAILED', errors.CLUSTER_AUTHORIZATION_FAILED.message)
    }
    const { state, config } = broker.control
    if (config.values.glasslogAuthorizer === 'none') {
      return all('SECURITY_DISABLED', 'No Authorizer is configured.')
    }
    const meant = filters.map((filter) =>
      isSoundFilter(filter) ? matching(filter, state.acls.values()) : null,
    )
    // An ACL that several filters mean is deleted once, and in the answer of each of them.
    const bindings = [...new Set(meant.flatMap((found) => found ?? []))]
    const commands = bindings.map((binding): DeleteAcl => ({ kind: 'acl.delete', binding }))
    const outcomes = await broker.control.execute(commands, actorOf(context))
    const outcomeOf = new Map(bindings.map((binding, index) => [binding, outcomes[index]]))
    return {
      filterResults: meant.map((found) => {
        if (!found) return refused('INVALID_REQUEST', 'The filter has elements that are not known.')
        return {
          errorCode: errors.NONE.code,
          errorMessage: null,
          matchingAcls: found.map((binding) => {
            const outcome = outcomeOf.get(binding)
            return {
              errorCode: errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR'),
              errorMessage: outcome?.message ?? null,
              ...wireAclOf(binding),
            }
          }),
        }
      }),
    }
  },
)

function matching(filter: AskedFilter, acls: Iterable<AclBinding>): readonly AclBinding[] {
  return [...acls].filter((binding) => isMeant(filter, binding))
}

function refused(error: ErrorName, errorMessage: string) {
  return { errorCode: errors[error].code, errorMessage, matchingAcls: [] }
}
