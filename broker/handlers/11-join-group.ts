import { errors, JoinGroupRequest, JoinGroupResponse } from '../../protocol/index.ts'
import { isAllowed } from './authorize.ts'
import { defineHandler } from './handler.ts'

/** KIP-394: a member without an id gets one first, and joins with it. */
const FIRST_VERSION_WITH_MEMBER_ID_REQUIRED = 4
/** KIP-559: the protocol's name may be null, and an empty one must not be sent. */
const FIRST_VERSION_WITH_NULL_PROTOCOL = 7
/** KIP-814. */
const FIRST_VERSION_WITH_SKIP_ASSIGNMENT = 9

/**
 * JoinGroup v0-v9: a member joins its group and waits until the rebalance has gathered all members.
 * Version 0 has one timeout for sessions and rebalances.
 */
export const joinGroup = defineHandler(
  JoinGroupRequest,
  JoinGroupResponse,
  {
    versions: '0-9',
    stage: 'ordered',
    permissions: [{ operation: 'READ', resource: 'GROUP' }],
  },
  async (request, context, broker) => {
    const { apiVersion, clientId, connection } = context
    if (!isAllowed(context, broker, 'READ', 'GROUP', request.groupId)) {
      const errorCode = errors.GROUP_AUTHORIZATION_FAILED.code
      const { memberId } = request
      return {
        errorCode,
        protocolName: apiVersion < FIRST_VERSION_WITH_NULL_PROTOCOL ? '' : null,
        leader: '',
        memberId,
        members: [],
      }
    }
    const { sessionTimeoutMs, rebalanceTimeoutMs } = request
    const answer = await broker.groups.join({
      groupId: request.groupId,
      memberId: request.memberId,
      groupInstanceId: request.groupInstanceId,
      clientId: clientId ?? '',
      // Written as Kafka writes it, because tools show it.
      clientHost: `/${connection.address}`,
      sessionTimeoutMs,
      rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
      protocolType: request.protocolType,
      // Kept for as long as the member is: copies, so that they do not hold the whole frame.
      protocols: request.protocols.map(({ name, metadata }) => ({
        name,
        metadata: Buffer.from(metadata),
      })),
      ...(request.reason === null ? {} : { reason: request.reason }),
      requiresKnownMemberId: apiVersion >= FIRST_VERSION_WITH_MEMBER_ID_REQUIRED,
      supportsSkippingAssignment: apiVersion >= FIRST_VERSION_WITH_SKIP_ASSIGNMENT,
    })
    return {
      errorCode: errors[answer.error].code,
      generationId: answer.generationId,
      protocolType: answer.protocolType,
      protocolName:
        apiVersion < FIRST_VERSION_WITH_NULL_PROTOCOL
          ? (answer.protocolName ?? '')
          : answer.protocolName || null,
      leader: answer.leader,
      skipAssignment: answer.skipAssignment,
      memberId: answer.memberId,
      members: answer.members,
    }
  },
)
