import { abbreviate } from '../../kit/index.ts'
import { CreateAclsRequest, CreateAclsResponse, errors } from '../../protocol/index.ts'
import type { CreateAcl } from '../control/index.ts'
import { bindingOf } from './acl-codes.ts'
import { actorOf } from './actor.ts'
import { MAX_MESSAGE_LENGTH } from './config-resources.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

/**
 * CreateAcls v0-v3 (KIP-140, KIP-290): adds ACLs, each for itself. One that exists is a success. An
 * ACL holds for the next request of everybody, on connections that are open as well.
 */
export const createAcls = defineHandler(
  CreateAclsRequest,
  CreateAclsResponse,
  {
    versions: '0-3',
    stage: 'ordered',
    permissions: [{ operation: 'ALTER', resource: 'CLUSTER' }],
    notes: [
      'SECURITY_DISABLED with `glasslog.authorizer=none`, as in Kafka without an authorizer.',
    ],
  },
  async ({ creations }, context, broker) => {
    if (broker.control.config.values.glasslogAuthorizer === 'none') {
      const { code } = errors.SECURITY_DISABLED
      const disabled = { errorCode: code, errorMessage: 'No Authorizer is configured.' }
      return { results: creations.map(() => disabled) }
    }
    const bindings = creations.map(({ resourcePatternType, ...creation }) =>
      bindingOf({ ...creation, patternType: resourcePatternType }),
    )
    const commands = bindings.flatMap((binding): CreateAcl[] =>
      binding ? [{ kind: 'acl.create', binding }] : [],
    )
    const outcomes = (await broker.control.execute(commands, actorOf(context))).values()
    return {
      results: bindings.map((binding) => {
        if (!binding) {
          const errorMessage = 'The ACL has elements that are not known.'
          return { errorCode: errors.INVALID_REQUEST.code, errorMessage }
        }
        const outcome = outcomes.next().value
        return {
          errorCode: errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR'),
          errorMessage: outcome?.message ? abbreviate(outcome.message, MAX_MESSAGE_LENGTH) : null,
        }
      }),
    }
  },
)
